import assert from 'node:assert/strict'
import { formatEndpoint, parseEndpoint } from '../../packages/zre/dist/wire/endpoint.js'
import { idFromBytes, idOfRoutingId, isNodeId, routingIdOf } from '../../packages/zre/dist/wire/identity.js'
import { isPublicKey, keyFromBytes, keyToBytes } from '../../packages/zre/dist/wire/key.js'
import { decodeZ85, encodeZ85, isZ85 } from '../../packages/zre/dist/wire/z85.js'

/** The small decoders: endpoints, Z85, keys, identities. */
export default {
  seeds: () => [
    Buffer.from('tcp://10.0.0.7:49152'),
    Buffer.from('HelloWorld'),
    Buffer.from(encodeZ85(Buffer.alloc(32, 9))),
    Buffer.from('0198d896a36f20c63d3096d16f8c595297', 'hex'),
    Buffer.from('98D896A36F20C63D3096D16F8C595297'),
    Buffer.alloc(32, 200),
  ],

  run(bytes) {
    asText(bytes.toString())
    asText(bytes.toString('latin1'))
    const id = idOfRoutingId(bytes)
    if (id !== undefined) {
      assert.ok(isNodeId(id))
      assert.deepEqual(routingIdOf(id), bytes)
    }
    if (bytes.length === 16) assert.ok(isNodeId(idFromBytes(bytes)))
    const key = keyFromBytes(bytes)
    if (key !== undefined) {
      assert.ok(isPublicKey(key))
      assert.deepEqual(keyToBytes(key), bytes)
    }
    if (bytes.length % 4 === 0) assert.deepEqual(decodeZ85(encodeZ85(bytes)), bytes)
  },
}

function asText(text) {
  const endpoint = parseEndpoint(text)
  if (endpoint !== undefined) {
    const again = formatEndpoint(endpoint.address, endpoint.port)
    assert.deepEqual(parseEndpoint(again), endpoint)
    assert.ok(endpoint.port > 0 && endpoint.port <= 0xffff)
  }
  const raw = decodeZ85(text)
  if (raw !== undefined) {
    assert.ok(isZ85(text))
    assert.equal(encodeZ85(raw), text)
  }
  if (isPublicKey(text)) assert.equal(keyFromBytes(keyToBytes(text)), text)
}

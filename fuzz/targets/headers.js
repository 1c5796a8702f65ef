import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { RequestHeaders } from '../../packages/core/dist/client/headers.js'
import { joinHeaders } from '../../packages/core/dist/client/request.js'
import { readAnnouncement } from '../../packages/core/dist/directory/instance.js'
import { canonicalName, endToEnd, isHopByHop, withoutInvalid } from '../../packages/core/dist/http/headers.js'
import { byteString } from '../../packages/core/dist/http/text.js'
import { SleuthError } from '../../packages/core/dist/shared/errors.js'
import { headerFrom } from '../../packages/core/dist/transport/go/json.js'
import { rejectionIn } from '../../packages/core/dist/transport/go/rejection.js'
import { Data, joined } from '../lib/data.js'

/** Names and values: of an answer, of a call, and of what a peer announces. */
export default {
  seeds: () => [
    joined('Set-Cookie', 'a', 'set-cookie', 'b', 'Cookie', 'c', 'cookie', 'd', 'Host', 'x', 'host', 'y'),
    joined('__proto__', 'a', '__proto__', 'b', 'constructor', 'c', 'Trailer', 'd', 'TE', 'e'),
    joined(
      'group',
      'SLEUTH-v1',
      'node',
      'A',
      'type',
      'foo',
      'version',
      '1',
      'sleuth-wire',
      '2',
      'sleuth-name',
      'n',
    ),
    joined('X-Sleuth-Error', 'draining', 'X-Sleuth-Handle', 'handle'),
  ],

  run(bytes) {
    const texts = new Data(bytes).parts().map((part) => part.toString())
    const raw = texts.slice(0, texts.length & ~1)
    const pairs = raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1]]] : []))
    answer(raw)
    call(pairs)
    announcement(pairs)
  },
}

function answer(raw) {
  const valid = withoutInvalid(raw)
  assert.deepEqual(withoutInvalid(valid), valid)
  const values = valid.map(byteString)
  assert.ok(values.every((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value)))
  const message = new IncomingMessage(null)
  message._addHeaderLines(values, values.length)
  assert.deepEqual(fieldsOf(joinHeaders(values)), fieldsOf(message.headers))
  const carried = endToEnd(raw)
  assert.ok(carried.every((text, i) => i % 2 === 1 || !isHopByHop(text)))
  assert.deepEqual(endToEnd(carried), carried)
  const refusal = rejectionIn(503, raw, 'handle')
  assert.ok([undefined, 'draining', 'overloaded'].includes(refusal))
  const header = headerFrom(raw)
  assert.equal(Object.getPrototypeOf(header), null)
  assert.equal(Object.values(header).flat().length, raw.length / 2)
  for (const name of raw) assert.equal(canonicalName(canonicalName(name)), canonicalName(name))
}

function call(pairs) {
  try {
    const raw = RequestHeaders.from(pairs).fields
    assert.deepEqual(withoutInvalid(raw), raw)
  } catch (error) {
    assert.ok(error instanceof SleuthError, String(error))
    assert.equal(error.code, 'SLEUTH_ARGUMENT')
  }
}

function announcement(pairs) {
  const peer = {
    id: 'A',
    name: 'a',
    endpoint: 'tcp://10.0.0.2:1',
    address: '10.0.0.2',
    headers: new Map(pairs),
  }
  try {
    const read = readAnnouncement(peer, { group: 'SLEUTH-v1', wire: 2 })
    if (read === undefined) return
    assert.notEqual(read.service, '')
    assert.ok(read.instance.wire === 1 || read.instance.wire === 2)
  } catch (error) {
    assert.ok(error instanceof SleuthError, String(error))
  }
}

/** Without the name that Node itself takes for a prototype. */
function fieldsOf(headers) {
  assert.equal(Object.getPrototypeOf(headers), Object.prototype)
  return new Map(Object.entries(headers).filter(([name]) => name !== '__proto__'))
}

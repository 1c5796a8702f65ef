import assert from 'node:assert/strict'
import { SleuthError } from '../../packages/core/dist/shared/errors.js'
import { openEnvelope } from '../../packages/core/dist/transport/go/envelope.js'
import { gzipStored } from '../../packages/core/dist/transport/go/gzip.js'
import { decodeRequest, encodeRequest } from '../../packages/core/dist/transport/go/request.js'
import { decodeResponse, encodeResponse } from '../../packages/core/dist/transport/go/response.js'
import { jsons } from '../lib/vectors.js'

const GROUP = 'SLEUTH-v1'
const LIMIT = 1024 * 1024

/** The JSON of the first wire. What is read is written, and then read as the same. */
export default {
  seeds: () => [
    ...jsons,
    Buffer.from('{"__proto__":{"a":["b"]},"HEADER":{"constructor":["x"],"__proto__":["y"]},"body":null}'),
  ],
  words: ['"header":', '"body":', '"code":', '"url":', '__proto__', '[]', '{}', 'null', '\\u0000', '1e9'].map(
    (text) => Buffer.from(text),
  ),

  run(bytes) {
    const zipped = gzipStored('', bytes.toString('utf8'))
    const request = taken(() => decodeRequest(zipped, LIMIT))
    if (request !== undefined) {
      const again = decodeRequest(openEnvelope(GROUP, encodeRequest(GROUP, request)).zipped, LIMIT)
      assert.deepEqual({ ...again, headers: byName(again) }, { ...request, headers: byName(request) })
    }
    const response = taken(() => decodeResponse(zipped, LIMIT))
    if (response !== undefined) {
      const again = decodeResponse(openEnvelope(GROUP, encodeResponse(GROUP, response)).zipped, LIMIT)
      assert.deepEqual({ ...again, headers: byName(again) }, { ...response, headers: byName(response) })
    }
    assert.equal(Object.prototype.a, undefined)
  },
}

function taken(decode) {
  try {
    return decode()
  } catch (error) {
    assert.ok(error instanceof SleuthError, String(error?.stack))
    return undefined
  }
}

/** The values of each name in their order: what `http` holds of headers. Names differ in case alone as they travel. */
function byName({ headers }) {
  const values = new Map()
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i].toLowerCase()
    values.set(name, [...(values.get(name) ?? []), headers[i + 1]])
  }
  return new Map([...values].sort())
}

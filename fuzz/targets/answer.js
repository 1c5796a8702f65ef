import assert from 'node:assert/strict'
import { leanResponse } from '../../packages/core/dist/client/request.js'
import { fetchResponse } from '../../packages/core/dist/client/response.js'
import { withoutInvalid } from '../../packages/core/dist/http/headers.js'
import { zeromqWindows } from '../../packages/core/dist/shared/limits.js'
import { Body } from '../../packages/core/dist/transport/streams/incoming-body.js'
import { WindowBudget } from '../../packages/core/dist/transport/streams/window-budget.js'
import { Data, joined } from '../lib/data.js'

const LIMIT = 1 << 20
const METHODS = ['GET', 'HEAD', 'POST']

/** What a caller is given of an answer, whatever its status, headers and body are. */
export default {
  seeds: () => [
    Buffer.concat([Buffer.of(0, 200, 0, 0, 3), Buffer.from('{"a":1}')]),
    Buffer.concat([Buffer.of(0, 204, 1, 0, 0), joined('Set-Cookie', 'a', 'Content-Type', 'text/plain')]),
    Buffer.concat([Buffer.of(255, 255, 0, 1, 2), joined('x', 'é'), Buffer.from('\ufefftext')]),
  ],

  async run(bytes) {
    const data = new Data(bytes)
    const code = data.u16()
    const method = data.pick(METHODS)
    const streamed = data.u8() % 2 === 1
    const given = []
    for (let left = data.u8() % 8; left > 0; left--)
      given.push(data.part().toString(), data.part().toString())
    const headers = withoutInvalid(given)
    const body = data.rest()
    const reply = () => ({ code, headers: [...headers], body: streamed ? inParts(body) : body })

    const response = fetchResponse(
      { url: 'sleuth://foo/#x', method, redirects: 0, decompress: false },
      reply(),
    )
    assert.equal(response.status, code)
    assert.ok([...response.headers].length <= headers.length / 2)
    const copy = response.clone()
    const text = await response.text()
    // Of two marks Node's own `Response` takes both off in some versions.
    if (!body.toString('hex').startsWith('efbbbfefbbbf')) assert.equal(text, new TextDecoder().decode(body))
    assert.equal(await copy.text(), text)
    assert.ok(response.bodyUsed || body.length === 0)

    const lean = await leanResponse(undefined, reply(), { limits: { unzipped: LIMIT } })
    assert.deepEqual(lean.body, body)
    assert.equal(Object.getPrototypeOf(lean.headers), Object.prototype)
  },
}

/** As it comes in, in pieces of seven bytes. */
function inParts(bytes) {
  const body = new Body(
    () => {},
    new WindowBudget(0),
    zeromqWindows,
    () => {},
  )
  for (let at = 0; at < bytes.length; at += 7) assert.ok(body.push(bytes.subarray(at, at + 7)))
  body.end()
  return body
}

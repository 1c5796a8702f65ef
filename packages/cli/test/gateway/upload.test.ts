import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { Upload, uploadOf } from '#src/gateway/upload.js'

/** A request with a body that the test writes, and what it caused. */
function request(headers: Record<string, string>, stallTime = Infinity) {
  const req = new PassThrough()
  const said: string[] = []
  const upload = uploadOf({
    req: Object.assign(req, { headers }) as unknown as IncomingMessage,
    stallTime: () => stallTime,
    begin: () => said.push('begin'),
    waits: () => said.push('waits'),
    passes: () => said.push('passes'),
  })
  return { req, said, upload }
}

const chunked = { 'transfer-encoding': 'chunked' }

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

describe('the body of a request', () => {
  it('is none without a length', () => {
    assert.equal(request({}).upload, undefined)
    assert.equal(request({ 'content-length': '0' }).upload, undefined)
  })

  it('is read first if it is small', async () => {
    const { req, upload } = request({ 'content-length': '5' })
    req.write('he')
    req.end('llo')
    assert.ok(upload instanceof Promise)
    assert.equal(String(await upload), 'hello')
    assert.ok(request({ 'content-length': '65537' }).upload instanceof Upload)
  })

  it('is asked for when somebody reads it, and tells who waits for whom', async () => {
    const { req, said, upload } = request(chunked)
    assert.ok(upload instanceof Upload)
    await turn()
    assert.deepEqual(said, [])
    const first = upload.next()
    await turn()
    assert.deepEqual(said.splice(0), ['begin', 'waits'])
    req.write('a')
    assert.equal(String((await first).value), 'a')
    assert.deepEqual(said.splice(0), ['passes'])
    const last = upload.next()
    req.end()
    assert.equal((await last).done, true)
    assert.equal(said.at(-1), 'passes')
  })

  it('fails when the client sends nothing for a while, and not when it is slow', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { req, upload } = request(chunked, 100)
    assert.ok(upload instanceof Upload)
    for (const text of ['a', 'b', 'c']) {
      const next = upload.next()
      await turn()
      t.mock.timers.tick(99)
      req.write(text)
      assert.equal(String((await next).value), text)
    }
    const stalled = assert.rejects(upload.next(), { name: 'GatewayError' })
    await turn()
    t.mock.timers.tick(100)
    await stalled
    assert.equal(req.destroyed, false)
  })

  it('fails when the client hangs up', async () => {
    const { req, upload } = request(chunked)
    assert.ok(upload instanceof Upload)
    const gone = assert.rejects(upload.next(), { name: 'ClientGone' })
    await turn()
    req.destroy()
    await gone
    await assert.doesNotReject(upload.next())
  })

  it('may be given up while it waits, and leaves the connection alone', async () => {
    const { req, upload } = request(chunked)
    assert.ok(upload instanceof Upload)
    const before = req.listenerCount('readable')
    const next = upload.next()
    await turn()
    await upload.return()
    assert.equal((await next).done, true)
    assert.deepEqual([req.destroyed, req.listenerCount('readable')], [false, before])
  })
})

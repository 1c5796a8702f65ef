import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { WINDOW } from '#src/shared/limits.js'
import { answering, asked, dataFrame, pattern, requestFrame, responseFrame, until, wired } from './harness.js'

const bytes = pattern(WINDOW)

/** Its bytes, one by one. */
function* singly(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at++) yield body.subarray(at, at + 1)
}

/** What is counted here is work: a frame, a chunk or a piece of its own for each byte would be `WINDOW` of them. */
const FEW = WINDOW / 1000

describe('bodies by single bytes', { timeout: 60_000 }, () => {
  it('an answer that is written so in one turn leaves in few frames, and is read in few chunks', async () => {
    const { sleuth, tape, service } = await wired((_, res) => {
      for (const byte of singly(bytes)) res.write(byte)
      res.end()
    })
    const response = await sleuth.do('sleuth://foo/')
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body ?? []) chunks.push(chunk)
    assert.ok(Buffer.concat(chunks).equals(bytes))
    assert.ok(chunks.length < FEW, `${chunks.length} chunks`)
    const frames = tape.kinds(service.node).length
    assert.ok(frames < FEW, `${frames} frames`)
    assert.ok((await sleuth.request('sleuth://foo/')).body.equals(bytes))
  })

  it('a request that is sent so leaves in few frames', async () => {
    const { sleuth, tape, caller } = await wired((req, res) => void req.pipe(res))
    const { body } = await sleuth.request('sleuth://foo/', {
      method: 'PUT',
      body: singly(bytes.subarray(0, 50_000)),
    })
    assert.ok(body.equals(bytes.subarray(0, 50_000)))
    const frames = tape.kinds(caller.node).length
    assert.ok(frames < FEW, `${frames} frames`)
  })

  it('an answer that comes in a frame for each byte is read in few chunks', async () => {
    const { sleuth, peer } = await answering()
    const response = sleuth.do('sleuth://foo/')
    await until(() => peer.heard.length > 0)
    const { stream = 0 } = peer.heard[0] ?? {}
    peer.say(responseFrame(stream, { end: false }))
    const { body } = await response
    const [part] = [bytes.subarray(0, 15_000)]
    peer.say(...[...singly(part)].map((byte) => dataFrame('serviceData', stream, byte)))
    peer.say(dataFrame('serviceData', stream, '', true))
    // A turn takes what it can in its time: on a busy machine a few frames.
    for (let turn = 0; turn < 1000; turn++) await new Promise((resolve) => setImmediate(resolve))
    const chunks: Uint8Array[] = []
    for await (const chunk of body ?? []) chunks.push(chunk)
    assert.ok(Buffer.concat(chunks).equals(part))
    assert.ok(chunks.length <= 3, `${chunks.length} chunks`)
  })

  it('a request that nobody reads yet is kept in few pieces, and counted with what they cost', async () => {
    const requests: IncomingMessage[] = []
    const { peer, service } = await asked((req) => void requests.push(req))
    const part = bytes.subarray(0, 100_000)
    peer.say(requestFrame(1, { method: 'PUT', end: false }))
    for (let at = 0; at < part.length; at += 10_000) {
      peer.say(...[...singly(part.subarray(at, at + 10_000))].map((byte) => dataFrame('callerData', 1, byte)))
      await new Promise((resolve) => setImmediate(resolve))
    }
    peer.say({ kind: 'callerReset', stream: 7, why: 'cancelled' })
    await until(() => service.sleuth.stats().dropped['unknown-stream'] === 1)
    const [req] = requests
    assert.ok(req)
    // What it holds itself it holds in pieces as they came: one.
    assert.equal(req.readableLength, 1)
    const chunks: Buffer[] = []
    req.on('data', (chunk) => chunks.push(chunk))
    await until(() => Buffer.concat(chunks).length === part.length)
    assert.ok(chunks.length < 20, `${chunks.length} chunks`)
    assert.ok(Buffer.concat(chunks).equals(part))
    peer.say(dataFrame('callerData', 1, 'end', true))
    await until(() => req.readableEnded)
    assert.equal(String(chunks.at(-1)), 'end')
    assert.deepEqual(service.sleuth.stats().dropped, { 'unknown-stream': 1 })
  })

  it('one that ends while nobody reads it is whole for who reads it later', async () => {
    const requests: IncomingMessage[] = []
    const { peer } = await asked((req) => void requests.push(req))
    const part = bytes.subarray(0, 15_000)
    peer.say(requestFrame(1, { method: 'PUT', end: false }))
    peer.say(
      ...[...singly(part)].map((byte) => dataFrame('callerData', 1, byte)),
      dataFrame('callerData', 1, '', true),
    )
    await until(() => requests[0]?.complete)
    const chunks: Buffer[] = []
    for await (const chunk of requests[0] ?? []) chunks.push(chunk)
    assert.ok(Buffer.concat(chunks).equals(part))
  })
})

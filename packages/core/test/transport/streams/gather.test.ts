import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { directWindows } from '#src/shared/limits.js'
import { FrameReader } from '#src/transport/direct/frame-reader.js'
import type { FrameHandler } from '#src/transport/streams/frame-handler.js'
import { Body } from '#src/transport/streams/incoming-body.js'
import { WindowBudget } from '#src/transport/streams/window-budget.js'
import { writePacket } from './frames.js'
import { dataFrame, pattern } from './harness.js'

const MiB = 1024 * 1024
const tooLarge = () => new Error('too large')

function bodyOf(length?: number) {
  const credits: number[] = []
  const cancelled: string[] = []
  const budget = new WindowBudget(Infinity)
  const body = new Body(
    (bytes) => credits.push(bytes),
    budget,
    directWindows,
    () => cancelled.push('cancel'),
  )
  if (length !== undefined) body.expect(length)
  return { body, credits, cancelled }
}

/** Puts bytes where the body wants them, as the reader of a connection does; or gives them a memory of their own. */
function arrive(body: Body, bytes: Buffer): boolean {
  const into = body.place(bytes.length)
  if (into === undefined) return body.push(Buffer.from(bytes))
  bytes.copy(into)
  return body.push(into)
}

describe('a body that is gathered', () => {
  it('of known length is copied once, into memory of its own', async (t: TestContext) => {
    const bytes = pattern(MiB)
    const wire = writePacket(
      dataFrame('serviceData', 1, bytes.subarray(0, MiB / 2)),
      dataFrame('serviceData', 1, bytes.subarray(MiB / 2), true),
    )
    const { body } = bodyOf(MiB)
    const gathered = body.gather(64 * MiB, tooLarge)
    const handler = {
      place: (_: number, length: number) => body.place(length),
      serviceData(_: number, chunk: Buffer, end: boolean) {
        assert.ok(body.push(chunk))
        if (end) body.end()
      },
    } as unknown as FrameHandler
    let copied = 0
    const { copy } = Buffer.prototype
    t.mock.method(Buffer.prototype, 'copy', function (this: Buffer, ...args: Parameters<typeof copy>) {
      const count = copy.apply(this, args)
      copied += count
      return count
    })
    const concat = t.mock.method(Buffer, 'concat')
    const from = t.mock.method(Buffer, 'from')
    // As a connection does: it reads each part into the same memory.
    const shared = Buffer.alloc(64 * 1024)
    const reader = new FrameReader()
    for (let at = 1; at < wire.length; at += shared.length) {
      const length = Math.min(shared.length, wire.length - at)
      shared.set(wire.subarray(at, at + length))
      reader.push(shared.subarray(0, length), true)
      assert.ok(reader.read(handler, () => true))
    }
    const result = await gathered
    // The head of the second frame may be cut in two.
    assert.ok(copied >= MiB && copied < MiB + 16, `${copied} bytes copied of ${MiB}`)
    assert.equal(concat.mock.callCount(), 0)
    assert.equal(from.mock.callCount(), 0)
    assert.ok(result.equals(bytes))
    assert.equal(result.buffer.byteLength, MiB)
  })

  it('gives credit for what has come, before and after it was asked for', async () => {
    const { body, credits } = bodyOf(4 * MiB)
    for (let part = 0; part < 4; part++) arrive(body, Buffer.alloc(256 * 1024, part))
    assert.deepEqual(credits, [])
    const gathered = body.gather(64 * MiB, tooLarge)
    assert.ok(credits.reduce((sum, credit) => sum + credit, 0) >= MiB)
    for (let part = 4; part < 16; part++) assert.ok(arrive(body, Buffer.alloc(256 * 1024, part)))
    body.end()
    const result = await gathered
    for (let part = 0; part < 16; part++) assert.equal(result[part * 256 * 1024 + 77], part)
  })

  it('that breaks off rejects, and keeps nothing', async () => {
    const { body } = bodyOf(MiB)
    const gathered = body.gather(64 * MiB, tooLarge)
    arrive(body, Buffer.alloc(1000))
    body.fail(new Error('the peer is gone'))
    await assert.rejects(gathered, /the peer is gone/)
  })

  it('takes no byte more than its length', () => {
    const { body } = bodyOf(1000)
    void body.gather(64 * MiB, tooLarge)
    assert.ok(arrive(body, Buffer.alloc(900)))
    assert.equal(arrive(body, Buffer.alloc(101)), false)
  })

  it('sets nothing aside for a length that is only claimed to be large, or is not known', async () => {
    for (const length of [undefined, 17 * MiB]) {
      const { body } = bodyOf(length)
      const gathered = body.gather(64 * MiB, tooLarge)
      assert.equal(body.place(1000), undefined)
      arrive(body, Buffer.from('a'))
      body.end()
      assert.equal((await gathered).toString(), 'a')
    }
  })

  it('is cancelled above its limit', async () => {
    const { body, cancelled } = bodyOf(MiB)
    const gathered = body.gather(1000, tooLarge)
    arrive(body, Buffer.alloc(1001))
    await assert.rejects(gathered, /too large/)
    assert.deepEqual(cancelled, ['cancel'])
  })
})

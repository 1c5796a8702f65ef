import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FrameReader } from '#src/transport/direct/frame-reader.js'
import { FRAME_HEAD_BYTES, MAX_FRAME } from '#src/transport/streams/format.js'
import { PacketFault } from '#src/transport/streams/packet-fault.js'
import { collector, type Frame, writePacket } from '../streams/frames.js'
import { dataFrame, pattern, requestFrame, responseFrame } from '../streams/harness.js'

const always = () => true

const frames: Frame[] = [
  requestFrame(1, { method: 'POST', url: '/a?b=c', headers: ['x-a', '1'], body: pattern(40), end: false }),
  dataFrame('callerData', 1, pattern(300)),
  { kind: 'callerReset', stream: 2, why: 'cancelled' },
  { kind: 'serviceCredit', stream: 7, bytes: 131_072 },
  responseFrame(7, { headers: ['Content-Length', '2'], body: 'ok' }),
  dataFrame('serviceData', 7, '', true),
  dataFrame('callerData', 1, pattern(5), true),
]

/** What there is on a connection: packets without their first byte. */
const bytes = writePacket(...frames).subarray(1)

/** Data that came in parts, put together again. */
function joined(parts: readonly Frame[]): Frame[] {
  const whole: Frame[] = []
  for (const part of parts) {
    const last = whole.at(-1)
    const goesOn =
      last !== undefined &&
      (last.kind === 'callerData' || last.kind === 'serviceData') &&
      last.kind === part.kind &&
      last.stream === part.stream &&
      !last.end
    if (goesOn && 'body' in part) {
      whole.pop()
      whole.push({ ...last, body: Buffer.concat([last.body, part.body]), end: part.end })
    } else whole.push(part)
  }
  return whole
}

function readChunks(chunks: Iterable<Buffer>): Frame[] {
  const reader = new FrameReader()
  const { frames: read, handler } = collector()
  for (const chunk of chunks) {
    reader.push(chunk)
    assert.equal(reader.read(handler, always), true)
  }
  return read
}

describe('a frame reader', () => {
  it('reads the same frames wherever the chunks are cut', () => {
    for (let size = 1; size <= bytes.length; size++) {
      const chunks: Buffer[] = []
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
      assert.deepEqual(joined(readChunks(chunks)), frames, `chunks of ${size} bytes`)
    }
  })

  it('hands out the body of a large data frame as it comes, as views of the chunks', () => {
    const body = pattern(200_000)
    const all = writePacket(dataFrame('serviceData', 1, body, true)).subarray(1)
    const chunks = [all.subarray(0, 65_536), all.subarray(65_536, 131_072), all.subarray(131_072)]
    const read = readChunks(chunks)
    assert.deepEqual(
      read.map((frame) => 'end' in frame && frame.end),
      [false, false, true],
    )
    assert.deepEqual(joined(read), [dataFrame('serviceData', 1, body, true)])
    for (const frame of read) assert.ok('body' in frame && frame.body.buffer === all.buffer)
  })

  it('hands out copies of memory that is used again', () => {
    for (const size of [1, 100, bytes.length]) {
      const reader = new FrameReader()
      const { frames: read, handler } = collector()
      for (let at = 0; at < bytes.length; at += size) {
        const lent = Buffer.from(bytes.subarray(at, at + size))
        reader.push(lent, true)
        assert.equal(reader.read(handler, always), true)
        lent.fill(0xff)
      }
      assert.deepEqual(joined(read), frames, `chunks of ${size} bytes`)
    }
  })

  it('keeps what it has not read of memory that is used again', () => {
    const many = Array.from({ length: 100 }, (_, stream) => requestFrame(stream))
    const reader = new FrameReader()
    const { frames: read, handler } = collector()
    const lent = writePacket(...many).subarray(1)
    reader.push(lent, true)
    assert.equal(
      reader.read(handler, () => false),
      false,
    )
    reader.keep()
    lent.fill(0xff)
    while (!reader.read(handler, takeTurns()));
    reader.keep()
    assert.deepEqual(read, many)
  })

  it('refuses a frame that is too large when its head has come, before it takes memory for it', () => {
    const head = Buffer.alloc(FRAME_HEAD_BYTES)
    head[0] = 0x81
    head.writeUInt32BE(MAX_FRAME + 1, 5)
    const { handler } = collector()
    for (const cut of [1, FRAME_HEAD_BYTES]) {
      const reader = new FrameReader()
      const feed = () => {
        for (const chunk of [head.subarray(0, cut), head.subarray(cut)]) {
          reader.push(chunk)
          reader.read(handler, always)
        }
      }
      assert.throws(feed, PacketFault)
    }
  })

  it('passes over kinds that it does not know, however long they are', () => {
    const unknown = Buffer.alloc(FRAME_HEAD_BYTES + 1000)
    unknown[0] = 0x7f
    unknown.writeUInt32BE(1000, 5)
    const all = Buffer.concat([unknown, bytes])
    assert.deepEqual(joined(readChunks([all.subarray(0, 500), all.subarray(500)])), frames)
  })

  it('goes on where it was told to stop', () => {
    const many = Array.from({ length: 100 }, (_, stream) => requestFrame(stream))
    const reader = new FrameReader()
    const { frames: read, handler } = collector()
    reader.push(writePacket(...many).subarray(1))
    let times = 1
    while (!reader.read(handler, () => false)) {
      times++
      assert.ok(read.length < many.length)
      reader.read(handler, takeTurns())
    }
    assert.deepEqual(read, many)
    assert.ok(times > 2, `${times} times`)
  })
})

/** Yes, and then no. */
function takeTurns(): () => boolean {
  let asked = 0
  return () => asked++ === 0
}

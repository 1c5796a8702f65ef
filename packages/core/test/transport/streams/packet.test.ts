import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { END, FRAME_HEAD_BYTES, MAX_FRAMES, MAX_HEAD, PACKET } from '#src/transport/streams/format.js'
import { PacketFault } from '#src/transport/streams/packet-fault.js'
import { PacketReader, readPacket } from '#src/transport/streams/reader.js'
import { PacketWriter } from '#src/transport/streams/writer.js'
import type { ResetReason } from '#src/transport/transport.js'
import { collector, type Frame, readFrames, tryFrames, writePacket } from './frames.js'

const u16 = fc.integer({ min: 0, max: 2 ** 16 - 1 })
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })
const large = fc.integer({ min: 3000, max: 6000 }).map((length) => Buffer.alloc(length, length))
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
  large,
)
const headers = fc.array(fc.tuple(latin1, latin1), { maxLength: 8 }).map((pairs) => pairs.flat())
const why = fc.constantFrom<ResetReason[]>(
  'cancelled',
  'destroyed',
  'failed',
  'timeout',
  'closed',
  'protocol',
  'lost',
  'draining',
  'overloaded',
)
const ends = { stream: u32, body: bytes, end: fc.boolean() }

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true })
const head = { ...ends, headers }

const frame: fc.Arbitrary<Frame> = fc.oneof(
  record({ ...head, kind: fc.constant('request' as const), deadline: u32, method: latin1, url: latin1 }),
  record({ ...head, kind: fc.constant('response' as const), status: u16, message: latin1 }),
  record({ ...ends, kind: fc.constantFrom('callerData' as const, 'serviceData' as const) }),
  record({ kind: fc.constantFrom('callerReset' as const, 'serviceReset' as const), stream: u32, why }),
  record({
    kind: fc.constantFrom('callerCredit' as const, 'serviceCredit' as const),
    stream: u32,
    bytes: u32,
  }),
)

const packet = fc.array(frame, { minLength: 1, maxLength: 12 })

/** What the frames hold cannot be more than what the packet held. */
function sizeOf(frames: readonly Frame[]): number {
  let size = 0
  for (const one of frames) {
    if ('body' in one) size += one.body.length
    if ('headers' in one) size += one.headers.join('').length
    if (one.kind === 'request') size += one.method.length + one.url.length
    if (one.kind === 'response') size += one.message.length
  }
  return size
}

describe('a packet', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(packet, (frames) => assert.deepEqual(readFrames(writePacket(...frames)), frames)))
  })

  it('is a byte, and nine more for each frame than what the frame holds', () => {
    const data = (length: number): Frame => ({
      kind: 'callerData',
      stream: 1,
      body: Buffer.alloc(length, 1),
      end: false,
    })
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { minLength: 1 }), (lengths) => {
        const written = writePacket(...lengths.map(data))
        const held = lengths.reduce((sum, length) => sum + length + FRAME_HEAD_BYTES, 1)
        assert.equal(written.length, held)
      }),
    )
  })

  it('is not touched any more once it is taken', () => {
    fc.assert(
      fc.property(packet, packet, (first, second) => {
        const writer = new PacketWriter()
        const write = (frames: Frame[]) => {
          for (const one of frames) if (one.kind === 'callerData') writer.data('caller', 1, one.body, true)
          writer.credit('caller', 1, frames.length)
        }
        write(first)
        const taken = writer.take()
        const before = Buffer.from(taken)
        write(second)
        assert.equal(writer.size, writer.take().length)
        assert.ok(taken.equals(before))
      }),
    )
  })

  it('reads each head as its own, though its headers are those of the one before, or nearly', () => {
    const request = (url: string, ...headers: string[]): Frame => ({
      kind: 'request',
      stream: 1,
      deadline: 5,
      method: 'POST',
      url,
      headers,
      body: Buffer.from('body'),
      end: true,
    })
    const response = (...headers: string[]): Frame => ({
      kind: 'response',
      stream: 1,
      status: 200,
      message: 'OK',
      headers,
      body: Buffer.alloc(0),
      end: true,
    })
    const frames = [
      request('/', 'a', '1', 'b', '2'),
      request('/longer', 'a', '1', 'b', '2'),
      request('/', 'a', '1', 'b', '3'),
      request('/', 'a', '1', 'b', '3', 'c', '4'),
      request('/', 'a', '1', 'b', '3'),
      response('a', '1', 'b', '3'),
      request('/', 'a', '1'),
      request('/'),
      request('/', 'a', '1'),
      request(`/${'x'.repeat(2000)}`, 'a', '1'),
      request('/', 'a', '1', 'b', '2'),
      request('/', 'a', '1', 'b', '2'),
    ]
    const packet = writePacket(...frames)
    for (const one of readFrames(packet)) if ('headers' in one) one.headers.push('changed', 'by its reader')
    assert.deepEqual(readFrames(packet), frames)
  })

  it('keeps nothing of a head that is too large', () => {
    const longest = (more: number) => ['x'.repeat(more), 'y'.repeat(MAX_HEAD - 4 - 2 - 3 - 4 - 1 - 2 - 6)]
    const writer = new PacketWriter()
    writer.credit('caller', 1, 1)
    const before = writer.size
    assert.equal(writer.request(2, 0, 'GET', '/', longest(1), Buffer.from('body'), true), false)
    assert.equal(writer.response(2, 200, '', longest(20), Buffer.from('body'), true), false)
    assert.equal(writer.size, before)
    assert.equal(writer.request(2, 0, 'GET', '/', longest(0), Buffer.from('body'), true), true)
    const [, request] = readFrames(writer.take())
    assert.ok(request?.kind === 'request')
    assert.deepEqual([request.headers, request.body.toString()], [longest(0), 'body'])
  })
})

describe('the reader', () => {
  it('takes or refuses any bytes', () => {
    const kinds = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x7f).map((kind) => Buffer.of(kind))
    const small = fc.nat(30).map((length) => Buffer.of(0, 0, 0, length))
    const part = fc.oneof(kinds, small, bytes)
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const content = Buffer.concat([Buffer.of(PACKET), ...parts])
        assert.ok(sizeOf(tryFrames(content).frames) <= content.length)
      }),
      { numRuns: 3000 },
    )
  })

  it('takes or refuses what was changed, and makes no more of it than there is', () => {
    const change = fc.record({ at: fc.nat(), mask: fc.integer({ min: 1, max: 255 }) })
    fc.assert(
      fc.property(packet, change, (frames, { at, mask }) => {
        const content = writePacket(...frames)
        const place = at % content.length
        content[place] = (content[place] as number) ^ mask
        assert.ok(sizeOf(tryFrames(content).frames) <= content.length)
      }),
      { numRuns: 1000 },
    )
  })

  it('hands out what is whole of what was cut off, and nothing else', () => {
    fc.assert(
      fc.property(packet, fc.nat(), (frames, at) => {
        const content = writePacket(...frames)
        const read = tryFrames(content.subarray(0, at % content.length))
        assert.deepEqual(read.frames, frames.slice(0, read.frames.length))
        assert.ok(read.frames.length < frames.length)
      }),
    )
  })

  it('passes over frames of unknown kinds', () => {
    const known = new Set([1, 2, 3, 4, 5, 6, 7, 8])
    const kind = fc.integer({ min: 0, max: 255 }).filter((number) => !known.has(number & ~END))
    fc.assert(
      fc.property(packet, kind, bytes, (frames, unknown, payload) => {
        const between = writePacket({ kind: 'callerData', stream: 9, body: payload, end: false }).subarray(1)
        between[0] = unknown
        const [first, ...rest] = frames
        const content = Buffer.concat([
          writePacket(first as Frame),
          between,
          rest.length === 0 ? Buffer.alloc(0) : writePacket(...rest).subarray(1),
        ])
        assert.deepEqual(readFrames(content), frames)
      }),
    )
  })

  it('has data added to the last frame only, and to no other than of its stream', () => {
    const writer = new PacketWriter()
    const other = new PacketWriter()
    const add = (stream: number, text: string, end = false) =>
      writer.append('caller', stream, Buffer.from(text), end)
    add(1, 'a')
    add(1, 'b')
    add(2, 'c')
    add(1, 'd')
    writer.credit('caller', 1, 5)
    add(1, 'e')
    other.reset('service', 9, 'lost')
    writer.frame(other.take())
    add(1, 'f', true)
    add(1, 'g')
    writer.append('service', 1, Buffer.from('h'), false)
    const first = readFrames(writer.take())
    add(1, 'i')
    const bodies = [...first, ...readFrames(writer.take())].map((one) =>
      'body' in one ? `${one.stream} ${one.body}${one.end ? ' end' : ''}` : one.kind,
    )
    assert.deepEqual(bodies, [
      '1 ab',
      '2 c',
      '1 d',
      'callerCredit',
      '1 e',
      'serviceReset',
      '1 f end',
      '1 g',
      '1 h',
      '1 i',
    ])
  })

  it('reads a part at a time, as often as it may not go on, and each frame once', () => {
    const frames = Array.from(
      { length: 1000 },
      (_, stream): Frame => ({ kind: 'callerCredit', stream, bytes: 1 }),
    )
    const { frames: read, handler } = collector()
    const reader = new PacketReader(writePacket(...frames))
    let parts = 1
    while (!reader.read(handler, () => false)) parts++
    assert.deepEqual(read, frames)
    assert.ok(parts > 10, `${parts} parts`)
  })

  it(`takes ${MAX_FRAMES} frames, and no more`, () => {
    const frames = Array.from(
      { length: MAX_FRAMES + 1 },
      (_, stream): Frame => ({ kind: 'callerCredit', stream, bytes: 1 }),
    )
    assert.equal(tryFrames(writePacket(...frames.slice(1))).fault, undefined)
    const { frames: read, fault } = tryFrames(writePacket(...frames))
    assert.equal(read.length, MAX_FRAMES)
    assert.match(String(fault), /frames/)
  })

  it('gives a large body as a view, and a small part of a large packet as a copy', () => {
    const data = (length: number): Frame => ({
      kind: 'callerData',
      stream: 1,
      body: Buffer.alloc(length, 1),
      end: false,
    })
    const content = writePacket(data(20_000), data(10), data(0))
    const [large, small, none] = readFrames(content).map((one) => ('body' in one ? one.body : undefined))
    assert.ok(large && small && none)
    assert.equal(large.buffer, content.buffer)
    assert.notEqual(small.buffer, content.buffer)
    assert.notEqual(none.buffer, content.buffer)
  })

  it('does not hide what its handler throws', () => {
    const { handler } = collector()
    const error = new Error('not a fault')
    const throwing = {
      ...handler,
      callerReset: () => {
        throw error
      },
    }
    const content = writePacket({ kind: 'callerReset', stream: 1, why: 'cancelled' })
    assert.throws(() => readPacket(content, throwing), error)
    assert.throws(() => readPacket(Buffer.from('SLEUTH-v1REPL'), handler), PacketFault)
  })
})

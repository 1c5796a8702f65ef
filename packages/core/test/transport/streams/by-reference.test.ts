import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Peer } from '@sleuth/zre'
import { directWindows, WINDOW } from '#src/shared/limits.js'
import { PACKET } from '#src/transport/streams/format.js'
import { PeerLoad } from '#src/transport/streams/peer-load.js'
import { PacketReader } from '#src/transport/streams/reader.js'
import { Session } from '#src/transport/streams/session.js'
import { PacketWriter } from '#src/transport/streams/writer.js'
import type { Done, IncomingRequest, RequestExchange, ResponseSink } from '#src/transport/transport.js'
import { type Frame, readFrames, writePacket } from './frames.js'
import { dataFrame, pattern, requestFrame, responseFrame } from './harness.js'

const large = pattern(40_000)
const small = pattern(100)

interface Sent {
  readonly packet: Buffer
  readonly tail: Uint8Array | undefined
  readonly done: Done | undefined
}

/** A session over a channel that takes bodies as they are, and fails while `broken`. */
function sessionOf() {
  const sent: Sent[] = []
  const state = { broken: false }
  let sink: ResponseSink | undefined
  const exchange = {
    answered() {},
    abort: () => told.push('abort'),
    run: (work: () => void) => work(),
  } as unknown as RequestExchange
  const told: string[] = []
  const session = new Session({
    channel: {
      takesTails: true,
      windows: directWindows,
      send(packet, tail, done) {
        if (state.broken) throw new Error('the connection is closed')
        sent.push({ packet, tail, done })
      },
      flush: () => told.push('flush'),
      acknowledged: async () => true,
    },
    load: new PeerLoad({ maxStreams: 1, maxBuffered: WINDOW, dropped: () => {} }),
    server: () => ({
      accept(_peer: Peer, _request: IncomingRequest, given: ResponseSink) {
        sink = given
        given.begin(exchange)
      },
    }),
    now: () => 0,
    maxQueued: Infinity,
    unsent: () => {},
    dropped: () => {},
    control: () => {},
    closed: () => {},
  })
  const receive = (...frames: Frame[]) =>
    session.receive({} as Peer, new PacketReader(writePacket(...frames)), () => true)
  return { session, sent, state, told, receive, sink: () => sink as ResponseSink }
}

/** What a peer reads of it. */
function framesOf(sent: readonly Sent[]): Frame[] {
  const parts = sent.flatMap(({ packet, tail }) => [packet.subarray(1), tail ?? Buffer.alloc(0)])
  return readFrames(Buffer.concat([Buffer.of(PACKET), ...parts]))
}

/** A session that knows how long the way to its peer is: only then a large body leaves at once. */
async function measured() {
  const all = sessionOf()
  all.receive(requestFrame(1))
  all.sink().head(200, 'OK', [])
  all.sink().end()
  await setImmediate()
  all.sent.length = 0
  all.told.length = 0
  all.receive(requestFrame(7))
  return all
}

describe('a writer that copies no large bodies', () => {
  it('leaves them behind their packets, whose bytes are those of one that copies them', () => {
    const [writer, copies] = [new PacketWriter(1000), new PacketWriter()]
    const write: ((to: PacketWriter) => void)[] = [
      (to) => to.request(1, 0, 'POST', '/', ['a', 'b'], large, true),
      (to) => to.response(1, 200, 'OK', [], large, false),
      (to) => to.data('caller', 1, large, true),
    ]
    for (const one of write) {
      one(writer)
      one(copies)
      assert.equal(writer.tail, large)
      assert.ok(Buffer.concat([writer.take(), large]).equals(copies.take()))
      assert.equal(writer.tail, undefined)
    }
  })

  it('adds no large part to the frame before it', () => {
    const writer = new PacketWriter(1000)
    writer.append('caller', 1, small, false)
    writer.append('caller', 1, large, true)
    assert.deepEqual(readFrames(Buffer.concat([writer.take(), large])), [
      dataFrame('callerData', 1, small),
      dataFrame('callerData', 1, large, true),
    ])
  })

  it('copies the frames of another writer, however many', () => {
    const writer = new PacketWriter(1000)
    const frames = Array.from({ length: 200 }, (_, stream) => requestFrame(stream))
    writer.frame(writePacket(...frames))
    assert.equal(writer.tail, undefined)
    assert.deepEqual(readFrames(writer.take()), frames)
  })
})

describe('a large body over a channel that takes it as it is', () => {
  it('of a response leaves with its head and its end, and is not copied', async () => {
    const { sent, sink } = await measured()
    let done = 0
    sink().head(200, 'OK', [])
    sink().data([large], () => done++)
    assert.equal(sent.length, 0)
    sink().end()
    assert.deepEqual(framesOf(sent), [responseFrame(7, { body: large })])
    assert.deepEqual([sent.length, sent[0]?.tail === large, done], [1, true, 0])
    sink().end()
    sent[0]?.done?.()
    assert.equal(done, 1)
  })

  it('of a response leaves in parts when it is larger, the last of them with its end', async () => {
    const { sent, sink } = await measured()
    const huge = pattern(150_000)
    let done = 0
    sink().head(200, 'OK', [])
    sink().data([huge], () => done++)
    sink().end()
    // There is room for more when the peer has the first parts.
    await setImmediate()
    const frames = framesOf(sent)
    assert.ok(frames.length > 2)
    assert.deepEqual(
      frames.map((frame) => 'end' in frame && frame.end),
      frames.map((_, index) => index === frames.length - 1),
    )
    assert.ok(Buffer.concat(frames.map((frame) => ('body' in frame ? frame.body : small))).equals(huge))
    for (const one of sent) {
      assert.equal(done, 0)
      one.done?.()
    }
    assert.equal(done, 1)
  })

  it('of a response leaves at the end of the turn, if that brings no end', async () => {
    const { sent, sink, told } = await measured()
    sink().head(200, 'OK', [])
    sink().data([large], () => {})
    assert.equal(sent.length, 0)
    await setImmediate()
    assert.deepEqual(framesOf(sent), [responseFrame(7, { body: large, end: false })])
    assert.ok(told.includes('flush'))
    sink().data([small, small], () => told.push('done'))
    sink().end()
    await setImmediate()
    assert.deepEqual(framesOf(sent).slice(1), [
      dataFrame('serviceData', 7, Buffer.concat([small, small]), true),
    ])
    assert.ok(told.includes('done'))
  })

  it('is its handler’s again when the caller hangs up before it has left', async () => {
    const { receive, sent, sink, told } = await measured()
    let done = 0
    sink().head(200, 'OK', [])
    sink().data([large], () => done++)
    receive({ kind: 'callerReset', stream: 7, why: 'cancelled' })
    assert.equal(told.includes('abort'), true)
    assert.deepEqual([done, sent.length], [1, 0])
  })

  it('is its handler’s again when the peer is gone', async () => {
    const { session, sink } = await measured()
    let done = 0
    sink().head(200, 'OK', [])
    sink().data([large], () => done++)
    session.close({ type: 'gone', reason: 'lost' })
    assert.equal(done, 1)
  })

  it('is its handler’s again when it can not be sent', async () => {
    const { state, sink } = await measured()
    state.broken = true
    let done = 0
    sink().head(200, 'OK', [])
    sink().data([large], () => done++)
    sink().end()
    assert.equal(done, 1)
  })

  it('is its handler’s again when its head is too large', async () => {
    const { sent, sink } = await measured()
    let done = 0
    sink().head(200, 'OK', ['a', 'x'.repeat(70_000)])
    sink().data([large], () => done++)
    sink().end()
    assert.equal(done, 1)
    assert.equal(sent.length, 0)
  })

  it('of a request that can not be sent fails its call', () => {
    const { session, state } = sessionOf()
    state.broken = true
    const errors: boolean[] = []
    const request = { deadline: 0, method: 'PUT', url: '/', headers: [], body: large, length: undefined }
    const call = session.call(request, {
      onBodyRead() {},
      onResponse() {},
      onError: (_reason, sent) => errors.push(sent),
      onEnd() {},
    })
    assert.deepEqual([errors, call.closed], [[false], true])
  })
})

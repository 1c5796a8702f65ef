import { WINDOW } from '../../../packages/core/dist/shared/limits.js'
import { PACKET, ResetCode } from '../../../packages/core/dist/transport/streams/format.js'
import { PacketWriter } from '../../../packages/core/dist/transport/streams/writer.js'
import { paths } from './handler.js'

const SIZES = [0, 1, 1, 100, 100, 100, 1000, 1000, 16 * 1024, 16 * 1024 + 1, WINDOW / 2, WINDOW, WINDOW + 1]
const CREDITS = [0, 1, 1000, WINDOW, 2 ** 32 - 1]
const RESETS = Object.keys(ResetCode)
const zeros = Buffer.alloc(WINDOW + 1)
const STREAMS = 5

/** What may happen to a node on the second wire. */
export const actions = [
  /** Any content. */
  (bench, data) => bench.receive(data.pick(bench.peers), data.part()),

  /** A request. */
  (bench, data) =>
    tell(bench, data, (writer) => {
      const url = data.pick(paths)
      const stream = data.u8() % STREAMS
      const method = data.pick(['GET', 'POST', 'HEAD', 'bad'])
      const headers = data.pick([[], ['Expect', '100-continue'], ['Content-Length', '5'], ['a b', 'c']])
      const deadline = data.pick([0, 0, 1000])
      writer.request(stream, deadline, method, url, headers, bodyOf(data), data.u8() % 2 === 0)
    }),

  /** More of it. */
  (bench, data) =>
    tell(bench, data, (writer) =>
      writer.data('caller', data.u8() % STREAMS, bodyOf(data), data.u8() % 2 === 0),
    ),

  (bench, data) =>
    tell(bench, data, (writer) => writer.reset('caller', data.u8() % STREAMS, data.pick(RESETS))),

  (bench, data) =>
    tell(bench, data, (writer) => writer.credit('caller', data.u8() % STREAMS, data.pick(CREDITS))),

  /** A packet that is cut off, after a frame that is whole. */
  (bench, data) =>
    tell(bench, data, (writer) => writer.reset('caller', data.u8() % STREAMS, 'cancelled'), [0, 1, 2]),

  /** A call of ours. */
  (bench, data) =>
    bench.call(data.pick(bench.peers), data.pick([null, Buffer.alloc(0), zeros.subarray(0, 20_000), zeros])),

  (bench) => bench.turn(),

  /** An answer to it. */
  (bench, data) =>
    answer(bench, data, (writer, stream) =>
      writer.response(stream, 200, 'OK', data.pick([[], ['x', 'y']]), bodyOf(data), data.u8() % 2 === 0),
    ),

  (bench, data) =>
    answer(bench, data, (writer, stream) =>
      writer.data('service', stream, bodyOf(data), data.u8() % 2 === 0),
    ),

  (bench, data) =>
    answer(bench, data, (writer, stream) => writer.reset('service', stream, data.pick(RESETS))),

  (bench, data) =>
    answer(bench, data, (writer, stream) => writer.credit('service', stream, data.pick(CREDITS))),

  /** The caller goes on, or gives up. */
  (bench, data) => {
    const call = callOf(bench, data)
    if (call?.stream === undefined) return
    const what = data.u8() % 4
    if (what === 0 && call.ended === 0) {
      call.cancelled = true
      call.stream.cancel()
    } else if (what === 0) call.stream.abort(new Error('given up'))
    else if (what === 1) call.stream.sender.write(bodyOf(data), () => {})
    else if (what === 2) call.stream.sender.end()
    else call.reader?.cancel()
  },

  (bench, data) => bench.gone(data.pick(bench.peers)),

  (bench, data) => {
    bench.broken = data.u8() % 2 === 1
  },

  (bench, data) => {
    bench.full = data.u8() % 2 === 1
  },

  (bench) => bench.force(),
]

function tell(bench, data, write, cut = []) {
  const writer = new PacketWriter()
  const peer = data.pick(bench.peers)
  write(writer)
  const packet = Buffer.from(writer.take())
  bench.receive(peer, cut.length === 0 ? packet : Buffer.concat([packet, Buffer.of(PACKET, ...cut)]))
}

/** By whichever peer: what is said of another's stream must not count. */
function answer(bench, data, write) {
  const call = callOf(bench, data)
  tell(bench, data, (writer) => write(writer, call?.stream?.id ?? data.u8()))
}

function callOf(bench, data) {
  return bench.calls.length === 0 ? undefined : data.pick(bench.calls)
}

function bodyOf(data) {
  return zeros.subarray(0, data.pick(SIZES))
}

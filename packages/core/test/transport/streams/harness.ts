import type { RequestListener } from 'node:http'
import { WINDOW } from '#src/shared/limits.js'
import { isPacket } from '#src/transport/streams/reader.js'
import type { SleuthOptions } from '#src/types.js'
import { FakeNetwork, type FakeNode } from '../../fake-network.js'
import { join } from '../../harness.js'
import { type Frame, readFrames, writePacket } from './frames.js'

interface Options {
  server?: SleuthOptions
  client?: SleuthOptions
}

/** A service and a caller who has time. */
export async function wired(handler: RequestListener, { server, client }: Options = {}) {
  const network = new FakeNetwork()
  const service = await join(network, { service: 'foo', handler, ...server })
  const caller = await join(network, { timeout: Infinity, ...client })
  const tape = record(caller.node, service.node)
  return { network, service, caller, sleuth: caller.sleuth, tape }
}

/** What one node said, frame by frame; or a whisper of the first wire. */
export interface Said {
  readonly by: FakeNode
  readonly frame: Frame
}

export interface Tape {
  /** Every frame of both nodes, in the order in which it was sent. */
  readonly frames: Said[]
  /** The frames of one node by their kind. */
  kinds(by: FakeNode): string[]
  /** How many frames each of its whispers had. */
  whispers(by: FakeNode): number[]
  /** The most bytes of body that ever were on their way without credit for more, in either direction. */
  mostOpen(): number
}

/** Notes all that nodes whisper on the second wire. */
export function record(...nodes: readonly FakeNode[]): Tape {
  const frames: Said[] = []
  const whispers = new Map<FakeNode, number[]>()
  for (const by of nodes) {
    const sizes: number[] = []
    whispers.set(by, sizes)
    const { whisper } = by
    by.whisper = (to, content) => {
      whisper.call(by, to, content)
      if (!isPacket(content as Buffer)) return
      const read = readFrames(content as Buffer)
      if (read.length === 0) return
      frames.push(...read.map((frame) => ({ by, frame })))
      sizes.push(read.length)
    }
  }
  return {
    frames,
    kinds: (by) => frames.filter((said) => said.by === by).map(({ frame }) => frame.kind),
    whispers: (by) => whispers.get(by) ?? [],
    mostOpen: () => Math.max(mostOpen(frames, 'caller'), mostOpen(frames, 'service')),
  }
}

/** What `speaker` had sent, less what the other side had given credit for, at its most. */
function mostOpen(frames: readonly Said[], speaker: 'caller' | 'service'): number {
  const open = new Map<number, number>()
  const [head, data, credit] =
    speaker === 'caller'
      ? (['request', 'callerData', 'serviceCredit'] as const)
      : (['response', 'serviceData', 'callerCredit'] as const)
  let most = 0
  for (const { frame } of frames) {
    const before = frame.kind === head ? 0 : (open.get(frame.stream) ?? 0)
    let now = before
    if ((frame.kind === head || frame.kind === data) && 'body' in frame) now += frame.body.length
    if (frame.kind === credit && 'bytes' in frame) now = Math.max(0, now - frame.bytes)
    open.set(frame.stream, now)
    most = Math.max(most, now)
  }
  return most
}

/** A node of the second wire in the test's own hands, and what was said to it. */
export interface RawPeer {
  readonly node: FakeNode
  readonly heard: Frame[]
  say(...frames: Frame[]): void
}

export function rawPeer(network: FakeNetwork, to: FakeNode, service?: string): RawPeer {
  const node = network.add({
    groups: ['SLEUTH-v1'],
    headers: (id) => ({
      'sleuth-wire': '2',
      ...(service !== undefined && { group: 'SLEUTH-v1', node: id, type: service }),
    }),
  })
  const heard: Frame[] = []
  node.on('whisper', (_, [content]) => heard.push(...readFrames(content as Buffer)))
  return { node, heard, say: (...frames) => node.whisper(to.id, writePacket(...frames)) }
}

/** A peer that asks the service that `handler` answers for. */
export async function asked(handler: RequestListener, options: SleuthOptions = {}) {
  const network = new FakeNetwork()
  const service = await join(network, { service: 'foo', handler, ...options })
  return { network, service, peer: rawPeer(network, service.node) }
}

/** A peer that answers for the service `foo`. */
export async function answering(options: SleuthOptions = {}) {
  const network = new FakeNetwork()
  const caller = await join(network, { timeout: Infinity, ...options })
  return { network, caller, sleuth: caller.sleuth, peer: rawPeer(network, caller.node, 'foo') }
}

interface Head {
  method?: string
  url?: string
  headers?: string[]
  deadline?: number
  body?: string | Buffer
  end?: boolean
}

export function requestFrame(stream: number, head: Head = {}): Frame {
  const { method = 'GET', url = '/', headers = [], deadline = 0, body = '', end = true } = head
  return { kind: 'request', stream, method, url, headers, deadline, body: Buffer.from(body), end }
}

export function responseFrame(
  stream: number,
  { headers = [], body = '', end = true }: Pick<Head, 'headers' | 'body' | 'end'> = {},
): Frame {
  const head = { status: 200, message: 'OK', headers }
  return { kind: 'response', stream, ...head, body: Buffer.from(body), end }
}

export function dataFrame(
  kind: 'callerData' | 'serviceData',
  stream: number,
  body: string | Buffer,
  end = false,
): Frame {
  return { kind, stream, body: Buffer.from(body), end }
}

/** Bytes of which no two windows are alike, so that what is out of order is seen. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32BE(at, at)
  return bytes
}

/** A body in chunks of a size that fits nothing. */
export function* inChunks(body: Buffer, size = 10_007): Generator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}

/** Around every size at which something changes. */
export const sizes = [
  0,
  1,
  16 * 1024,
  16 * 1024 + 1,
  WINDOW / 2,
  WINDOW - 1,
  WINDOW,
  WINDOW + 1,
  2 * WINDOW,
  10 * WINDOW + 7,
]

/** No test takes this long: what does not hold by then never will, and says so rather than hang. */
const GIVE_UP_MS = 30_000

/** Turns of the event loop, until something holds. */
export async function until(holds: () => unknown): Promise<void> {
  const end = performance.now() + GIVE_UP_MS
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never: ${holds}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Answers with the body that it was sent, as it comes. */
export const echo: RequestListener = (req, res) => {
  res.writeHead(200, { 'content-type': 'application/octet-stream' })
  req.pipe(res)
}

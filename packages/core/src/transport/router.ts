import type { Peer, ZreNode } from '@sleuth/zre'
import type { Directory } from '../directory/directory.js'
import { announcedMeta, isGo } from '../directory/instance.js'
import type { SleuthErrorCode } from '../shared/error-codes.js'
import { escalating, sleuthError } from '../shared/errors.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { type Counters, countDropped } from '../shared/stats.js'
import { TimeSlice } from '../shared/turns.js'
import { within } from '../shared/within.js'
import type { Logger } from '../types.js'
import { decode, decodeLarge, type Format, isLarge, isTooLarge, MAX_AT_ONCE } from './go/decode.js'
import { openEnvelope } from './go/envelope.js'
import type { PendingRequests } from './go/pending-requests.js'
import { requestFormat } from './go/request.js'
import { responseFormat } from './go/response.js'
import { GoServer } from './go/server.js'
import { Lanes, type Outcome, type Work } from './lanes.js'
import { PacketFault } from './streams/packet-fault.js'
import { isPacket, PacketReader } from './streams/reader.js'
import type { Session } from './streams/session.js'
import type { Sessions } from './streams/sessions.js'
import type { CloseReason, RequestServer } from './transport.js'

export interface RouterOptions {
  node: ZreNode
  /** Undefined when client-only. */
  server: RequestServer | undefined
  options: CheckedOptions
  directory: Directory
  pending: PendingRequests
  sessions: Sessions
  /** All is read that a peer sent before it was gone. */
  gone: (peer: string) => void
  counters: Counters
  log: Logger
}

/** The content of a whisper without a frame. */
const nothing = Buffer.alloc(0)

/** Sorts what comes from the network: members for the directory, replies for calls, and requests for the handler. */
export class Router {
  readonly #parts: RouterOptions
  readonly #lanes: Lanes
  readonly #goServer: GoServer | undefined
  readonly #slice = new TimeSlice()
  /** Large messages of all peers are decoded one after the other, because each takes much memory meanwhile. */
  #decoding: Promise<unknown> = Promise.resolve()

  constructor(parts: RouterOptions) {
    this.#parts = parts
    const { server } = parts
    this.#goServer = server && new GoServer({ ...parts, server })
    const { buffered, message } = parts.options.limits
    // Within its limits, a peer may send one largest message beside the bytes that nobody has read yet.
    this.#lanes = new Lanes(buffered + message)
  }

  listen(): void {
    const { node, options, directory, pending, sessions } = this.#parts
    // A Node peer is in its group from the start: if it is not, it is leaving. A Go peer joins after it has entered.
    const enter = (peer: Peer) => {
      if (isGo(peer) || peer.groups.has(options.group)) this.#add(peer)
      else directory.remove(peer.id, 'left')
    }
    node.on('enter', enter)
    node.on('join', (peer, group) => {
      if (group === options.group) this.#add(peer)
    })
    node.on('leave', (peer, group) => {
      if (group === options.group) directory.remove(peer.id, 'left')
    })
    node.on('exit', (peer, reason) => {
      // Nothing is under way on a link that both ends do without.
      if (reason === 'parted') directory.part(peer.id)
      else directory.remove(peer.id, reason)
      const why = reason === 'parted' ? 'closed' : reason
      const cause: CloseReason = { type: 'gone', reason: why }
      // At once: a connection that stands by the time that the lane is free is that of a peer that is back.
      sessions.disconnected(peer.id, cause)
      // This comes after the peer's last messages.
      this.#lanes.must(peer.id, () => {
        pending.peerGone(peer.id, why)
        if (reason === 'restarted') sessions.renewed(peer.id, cause)
        else sessions.gone(peer.id, cause)
        this.#goServer?.peerGone(peer.id)
        this.#parts.gone(peer.id)
        return undefined
      })
    })
    node.on('whisper', this.#onWhisper)
    for (const peer of node.peers()) enter(peer)
  }

  #add(peer: Peer): void {
    try {
      this.#parts.directory.add(peer)
    } catch (error) {
      this.#drop(error)
      return
    }
    if (announcedMeta(peer) === undefined) this.#drop(sleuthError('SLEUTH_LABELS', { peer: peer.id }))
  }

  #drop(error: unknown): void {
    const coded =
      error instanceof PacketFault
        ? sleuthError('SLEUTH_PACKET', { why: error.message }, { cause: error })
        : error
    countDropped(coded, this.#parts.counters, this.#parts.log)
  }

  /** Resolves when all that a peer sent by ZeroMQ until now is handled. */
  #handled(peer: string): Promise<void> {
    return new Promise((done) =>
      this.#lanes.must(peer, () => {
        done()
        return undefined
      }),
    )
  }

  /**
   * Resolves when each peer has read what was sent to it until now, and all is handled that it sent before it had; or when it is
   * gone. After `time` milliseconds at the latest.
   */
  async caughtUp(time: number): Promise<void> {
    await within(time, Promise.all(this.#parts.sessions.peers.map((peer) => this.#hasCaughtUp(peer))))
  }

  async #hasCaughtUp(peer: string): Promise<void> {
    const { node, sessions } = this.#parts
    if (!(await node.acknowledged(peer))) return
    await Promise.all([sessions.directAcknowledged(peer), this.#handled(peer)])
  }

  close(): void {
    this.#lanes.close()
  }

  readonly #onWhisper = (peer: Peer, frames: readonly Buffer[]): void => {
    const content = frames[0] ?? nothing
    if (!this.#lanes.isBusy(peer.id)) {
      const rest = this.#handle(peer, content)
      if (rest !== undefined) this.#lanes.run(peer.id, 0, () => rest)
      return
    }
    if (this.#lanes.run(peer.id, content.length, () => this.#handle(peer, content))) return
    this.#parts.counters.dropped('peer-backlog')
    // Wire 2 keeps an order, so nothing can replace a message that is left out.
    this.#lanes.must(
      peer.id,
      () => {
        this.#parts.sessions.to(peer.id).missed('lost')
        return undefined
      },
      true,
    )
  }

  #guarded(work: Work): Outcome {
    try {
      return work()
    } catch (error) {
      this.#drop(error)
      return undefined
    }
  }

  /** It never throws, whatever a peer sends. */
  #handle(peer: Peer, content: Buffer): Outcome {
    const { options, sessions } = this.#parts
    try {
      if (options.wire === 1 || !isPacket(content)) return this.#message(peer, content)
      return this.#readOn(peer, sessions.to(peer.id), new PacketReader(content))
    } catch (error) {
      this.#drop(error)
      return undefined
    }
  }

  #readOn(peer: Peer, session: Session, packet: PacketReader): Outcome {
    this.#slice.endsAt = 0
    if (session.receive(peer, packet, this.#slice.mayGoOn)) return undefined
    return () => this.#guarded(() => this.#readOn(peer, session, packet))
  }

  #message(peer: Peer, content: Buffer): Outcome {
    const { group, limits } = this.#parts.options
    if (content.length > limits.message) {
      throw sleuthError('SLEUTH_TOO_LARGE', {
        what: 'a message',
        limit: 'message',
        size: `${limits.message} bytes`,
      })
    }
    const { action, zipped } = openEnvelope(group, content)
    const { pending } = this.#parts
    if (action === 'RECV') {
      return this.#decoded(responseFormat, 'SLEUTH_RECV', zipped, (reply) => pending.receive(peer.id, reply))
    }
    const server = this.#goServer
    if (server === undefined) throw sleuthError('SLEUTH_NO_HANDLER').escalate('SLEUTH_REPL')
    return this.#decoded(requestFormat, 'SLEUTH_REPL', zipped, (request) => {
      // Otherwise any peer could have our replies sent to any other.
      if (request.destination !== peer.id) throw sleuthError('SLEUTH_DESTINATION').escalate('SLEUTH_REPL')
      escalating('SLEUTH_REPL', () => server.accept(peer, request))
    })
  }

  /** `failed`: the code that ends the trace of each error. */
  #decoded<Name extends string, T>(
    format: Format<Name, T>,
    failed: SleuthErrorCode,
    zipped: Buffer,
    take: (message: T) => void,
  ): Outcome {
    const { unzipped } = this.#parts.options.limits
    if (!isLarge(zipped)) {
      try {
        const message = escalating(failed, () => decode(format, zipped, Math.min(unzipped, MAX_AT_ONCE)))
        take(message)
        return undefined
      } catch (error) {
        if (!isTooLarge(error) || unzipped <= MAX_AT_ONCE) throw error
      }
    }
    const decoding = this.#decoding.then(() => decodeLarge(format, zipped, unzipped))
    this.#decoding = decoding.catch(() => {})
    return decoding.then(
      (message) => () => this.#guarded(() => void take(message)),
      (error) => () =>
        this.#guarded(() =>
          escalating(failed, () => {
            throw error
          }),
        ),
    )
  }
}

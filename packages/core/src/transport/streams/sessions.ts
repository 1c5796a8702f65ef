import type { Peer } from '@sleuth/zre'
import { zeromqWindows } from '../../shared/limits.js'
import { within } from '../../shared/within.js'
import type { Instance } from '../../types.js'
import type {
  ClientTransport,
  CloseReason,
  OutgoingRequest,
  RequestServer,
  RequestStream,
  ResponseHandler,
} from '../transport.js'
import type { Channel } from './channel.js'
import { PeerLoad } from './peer-load.js'
import { Session, type SessionOptions } from './session.js'
import type { SessionDrop } from './types.js'

export interface SessionsOptions {
  /** Answers to a peer could not be sent. */
  readonly unsent: (peer: string, error: unknown) => void
  /** The most requests of one peer whose answer is not complete. */
  readonly maxStreams: number
  /** The most bytes of a peer's requests that nobody has read yet. */
  readonly maxBuffered: number
  /** A peer sent what is not taken. */
  readonly dropped: (reason: SessionDrop) => void
  /** Sends a packet to a peer by ZeroMQ. May throw. */
  readonly send: (peer: string, packet: Buffer) => void
  /** Resolves when a peer has all that was sent to it by ZeroMQ until now: false when it goes first. */
  readonly acknowledged: (peer: string) => Promise<boolean>
  /** A peer that is called has no direct connection. */
  readonly indirect: (peer: string) => void
  /** A peer sent a frame by ZeroMQ that concerns no stream. It may be gone, and the frame have waited. */
  readonly control: (peer: Peer, kind: number, payload: Buffer) => void
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** The most bytes of heads and messages that wait for one peer. */
  readonly maxQueued: number
  /** What answers requests. */
  readonly server: () => RequestServer
}

/** A connection of its own to one peer. */
export interface DirectChannel extends Channel {
  /** It came with a frame that concerns no stream. */
  control(kind: number, number: number): void
  /** Its session has ended. */
  close(): void
}

interface PeerSessions {
  readonly load: PeerLoad
  zeromq: Session | undefined
  direct: Session | undefined
}

/**
 * The sessions to each peer: one over ZeroMQ, made when there is first something to say or to hear, and one over a direct
 * connection while that stands. A stream stays in the session in which it began.
 */
export class Sessions implements ClientTransport {
  readonly #options: SessionsOptions
  readonly #peers = new Map<string, PeerSessions>()

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  request(instance: Instance, request: OutgoingRequest, handler: ResponseHandler): RequestStream {
    const { id } = instance
    const direct = this.#peers.get(id)?.direct
    if (direct !== undefined) return direct.call(request, handler)
    this.#options.indirect(id)
    return this.to(id).call(request, handler)
  }

  /** The session over ZeroMQ. */
  to(peer: string): Session {
    const known = this.#peers.get(peer)?.zeromq
    if (known !== undefined) return known
    const { send, acknowledged, control } = this.#options
    const sessions = this.#of(peer)
    const session: Session = this.#session(peer, sessions.load, {
      channel: {
        takesTails: false,
        windows: zeromqWindows,
        send: (packet) => send(peer, packet),
        flush: ignore,
        acknowledged: () => acknowledged(peer),
      },
      control: (kind, _number, payload, from) => control(from, kind, payload),
      closed: () => {
        if (sessions.zeromq === session) sessions.zeromq = undefined
        this.#tidy(peer, sessions)
      },
    })
    sessions.zeromq = session
    return session
  }

  /** The session over a direct connection that stands now. One over another connection before it ends. */
  direct(peer: string, channel: DirectChannel): Session {
    this.#peers.get(peer)?.direct?.close(replaced)
    const sessions = this.#of(peer)
    const session: Session = this.#session(peer, sessions.load, {
      channel,
      control: (kind, number) => channel.control(kind, number),
      closed: () => {
        if (sessions.direct === session) sessions.direct = undefined
        this.#tidy(peer, sessions)
        channel.close()
      },
    })
    sessions.direct = session
    return session
  }

  #of(peer: string): PeerSessions {
    let sessions = this.#peers.get(peer)
    if (sessions === undefined) {
      sessions = { load: new PeerLoad(this.#options), zeromq: undefined, direct: undefined }
      this.#peers.set(peer, sessions)
    }
    return sessions
  }

  #session(
    peer: string,
    load: PeerLoad,
    how: Pick<SessionOptions, 'channel' | 'control' | 'closed'>,
  ): Session {
    const { server, unsent, maxQueued, now, dropped } = this.#options
    return new Session({
      ...how,
      load,
      now,
      maxQueued,
      server,
      unsent: (error) => unsent(peer, error),
      dropped,
    })
  }

  #tidy(peer: string, sessions: PeerSessions): void {
    if (sessions.zeromq !== undefined || sessions.direct !== undefined) return
    if (this.#peers.get(peer) === sessions) this.#peers.delete(peer)
  }

  /** Whether a request or a response is under way between us and a peer. */
  hasStreams(peer: string): boolean {
    const sessions = this.#peers.get(peer)
    return sessions?.zeromq?.hasStreams === true || sessions?.direct?.hasStreams === true
  }

  /** The peer is gone, or starts over: its direct connection is over. */
  disconnected(peer: string, cause: CloseReason): void {
    this.#peers.get(peer)?.direct?.close(cause)
  }

  /** All is read that the peer sent by ZeroMQ before it started over: what was between us there is over. */
  renewed(peer: string, cause: CloseReason): void {
    this.#peers.get(peer)?.zeromq?.renew(cause)
  }

  /** All is read that the peer sent by ZeroMQ before it was gone. */
  gone(peer: string, cause: CloseReason): void {
    this.#peers.get(peer)?.zeromq?.close(cause)
  }

  close(cause: CloseReason): void {
    for (const session of this.#all()) session.close(cause)
  }

  /** Resolves when every peer has all that was to be sent to it, or is gone; after `time` milliseconds at the latest. */
  async drained(time: number): Promise<void> {
    await within(time, Promise.all(this.#all().map((session) => session.drained())))
  }

  /** The peers that something was sent to, or that sent something. */
  get peers(): string[] {
    return [...this.#peers.keys()]
  }

  /** Resolves when all is read that a peer sent by its direct connection before it had what we sent there; at once without one. */
  async directAcknowledged(peer: string): Promise<void> {
    await this.#peers.get(peer)?.direct?.acknowledged()
  }

  /** What waits to be sent is sent now, but for bodies. */
  force(): void {
    for (const session of this.#all()) session.force()
  }

  #all(): Session[] {
    return [...this.#peers.values()].flatMap(({ zeromq, direct }) =>
      [zeromq, direct].filter((session) => session !== undefined),
    )
  }
}

function ignore(): void {}

const replaced: CloseReason = { type: 'gone', reason: 'lost' }

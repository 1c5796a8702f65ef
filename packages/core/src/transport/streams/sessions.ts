import type { Instance } from '../../types.js'
import type {
  ClientTransport,
  CloseReason,
  OutgoingRequest,
  RequestServer,
  RequestStream,
  ResponseHandler,
} from '../transport.js'
import { Session } from './session.js'
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
  readonly send: (peer: string, packet: Buffer) => void
  /** Resolves when a peer has all that was sent to it until now: false when it goes first. */
  readonly acknowledged: (peer: string) => Promise<boolean>
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** The most bytes of heads and messages that wait for one peer. */
  readonly maxQueued: number
  /** What answers requests. */
  readonly server: () => RequestServer
}

/** The session to each peer, made when there is first something to say or to hear. */
export class Sessions implements ClientTransport {
  readonly #options: SessionsOptions
  readonly #sessions = new Map<string, Session>()

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  request(instance: Instance, request: OutgoingRequest, handler: ResponseHandler): RequestStream {
    return this.to(instance.id).call(request, handler)
  }

  to(peer: string): Session {
    const known = this.#sessions.get(peer)
    if (known !== undefined) return known
    const { send, acknowledged, server, unsent, maxStreams, maxBuffered, maxQueued, now, dropped } =
      this.#options
    const session: Session = new Session({
      send: (packet) => send(peer, packet),
      acknowledged: () => acknowledged(peer),
      now,
      maxQueued,
      server,
      unsent: (error) => unsent(peer, error),
      maxStreams,
      maxBuffered,
      dropped,
      closed: () => {
        if (this.#sessions.get(peer) === session) this.#sessions.delete(peer)
      },
    })
    this.#sessions.set(peer, session)
    return session
  }

  /** The peer is there, and what was between us is over. */
  renewed(peer: string, cause: CloseReason): void {
    this.#sessions.get(peer)?.renew(cause)
  }

  /** The peer is gone. */
  gone(peer: string, cause: CloseReason): void {
    this.#sessions.get(peer)?.close(cause)
  }

  close(cause: CloseReason): void {
    for (const session of [...this.#sessions.values()]) session.close(cause)
  }

  /** Resolves when every peer has all that was to be sent to it, or is gone; after `time` milliseconds at the latest. */
  async drained(time: number): Promise<void> {
    const drained = Promise.all([...this.#sessions.values()].map((session) => session.drained()))
    await within(time, drained)
  }

  /** What waits to be sent is sent now, but for bodies. */
  force(): void {
    for (const session of this.#sessions.values()) session.force()
  }
}

async function within(time: number, done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    if (time !== Infinity) timer = setTimeout(resolve, time)
  })
  await Promise.race([done, late])
  clearTimeout(timer)
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:net'
import { SleuthError, sleuthError } from '../shared/errors.js'
import { scoped } from '../sleuth/scoped-client.js'
import type { RequestListener, Sleuth, SleuthRequest } from '../types.js'
import { type AdapterInput, adopt, type Handle } from './handle.js'
import { isAppointed, onListening, watchListening } from './listening.js'
import { Servers } from './servers.js'

/** The methods of the middlewares of Express and Koa, since these frameworks have no lifecycle. */
export interface Mounted {
  readonly sleuth: Sleuth
  /** Joins the network. Later calls return the promise of the first. Rejects with a `SleuthError`. */
  join(): Promise<Sleuth>
  /** Reading it joins: `await middleware.ready`, once the routes are there. */
  readonly ready: Promise<Sleuth>
  /** Does what `sleuth.leave()` does, if this middleware joined the network. */
  leave(): Promise<void>
  /** Leaves the network, if this middleware joined it. A second call returns the promise of the first. */
  close(): Promise<void>
}

export interface MountHints {
  /** The names of options that the adapter itself takes. */
  readonly ownOptions?: readonly string[] | undefined
  /** The end of the message of `SLEUTH_NOT_JOINED`. */
  readonly notJoined: string
  /** The end of the message of `SLEUTH_NOT_MOUNTED`. */
  readonly notMounted: string
}

/** A handle that joins when its app and the app's routes are there. Without a service it waits for neither. */
export class Mount implements Mounted {
  readonly sleuth: Sleuth
  readonly #handle: Handle
  readonly #hints: MountHints
  readonly #servers: Servers
  #handler: RequestListener | undefined
  #joining: Promise<Sleuth> | undefined
  /** What requests wait for while it joins. */
  #admission: Promise<void> | undefined
  #joined = false
  #closed = false

  constructor(input: AdapterInput | undefined, hints: MountHints) {
    this.#handle = adopt(input, { hint: hints.notJoined, aloud: true, ownOptions: hints.ownOptions })
    this.#hints = hints
    this.sleuth = this.#handle.sleuth
    this.#servers = new Servers({ ending: () => void this.leave(), ended: () => void this.close() })
    if (this.#handle.service === undefined) this.join()
  }

  /** Sets the app that answers for the service. Returns false if there is one already: the first one stays. */
  answerWith(handler: RequestListener): boolean {
    if (this.#handler) return false
    this.#handler = handler
    return true
  }

  /** Throws if there is a service and nothing to answer for it: for a framework in which the app cannot come later. */
  demandApp(): void {
    const { service } = this.#handle
    if (service !== undefined && !this.#handler) throw this.#notMounted(service)
  }

  /**
   * Routes may be added after an `await`: when a server with the app listens, they are there. The app ends with its last server,
   * unless the system chose that server's port: supertest opens and closes such a server for each request.
   */
  joinOnListening(listener: RequestListener): void {
    onListening(listener, (server, appointed) => {
      if (this.#closed) return
      this.join()
      if (appointed) this.#servers.add(server)
    })
  }

  /** For a framework that hides its listener: call it before a server listens, and then `follow` with each request. */
  followByRequests(): void {
    watchListening()
  }

  /** The app ends with the last server that it has had a request from, as with `joinOnListening`. */
  follow({ socket }: IncomingMessage): void {
    const { server } = socket as { server?: Server }
    if (server !== undefined && isAppointed(server) && !this.#closed) this.#servers.add(server)
  }

  join(): Promise<Sleuth> {
    const { service } = this.#handle
    // An app may still come, so this answer is not kept.
    if (service !== undefined && !this.#handler) return Promise.reject(this.#notMounted(service))
    this.#joining ??= this.#start()
    return this.#joining
  }

  get ready(): Promise<Sleuth> {
    return this.join()
  }

  /** The client of a request to the app. */
  clientOf(req: IncomingMessage, res: ServerResponse): Sleuth {
    if ((req as SleuthRequest).sleuthPeer === undefined) this.#handle.waitsFor(res)
    return scoped(this.sleuth, req, res)
  }

  /** What a request to the app waits for: a join under way. It rejects for as long as there is no joining. */
  admit(): Promise<unknown> | undefined {
    if (this.#joined) return undefined
    const { service } = this.#handle
    if (service !== undefined && !this.#handler) return this.join()
    if (this.#joining === undefined && service !== undefined && !this.#closed) {
      this.#handle.warn(sleuthError('SLEUTH_WARN_LATE_JOIN', { service }))
      this.join()
    }
    return this.#admission
  }

  leave(): Promise<void> {
    return this.#handle.leave()
  }

  close(): Promise<void> {
    this.#closed = true
    return this.#handle.close()
  }

  /**
   * Returns the promise for the user. If the user ignores it, a failed join is an unhandled rejection, which ends the process:
   * it must not run on without its network. Requests that wait for the join do not count as users.
   */
  #start(): Promise<Sleuth> {
    const { service, onError, join } = this.#handle
    const joining = join(service === undefined ? undefined : this.#handler)
    const asked = joining.then((sleuth) => sleuth)
    this.#admission = joining.then(() => {
      this.#joined = true
    })
    this.#admission.catch((error) => {
      // A user that closes during a join no longer waits for it.
      if (onError || (error instanceof SleuthError && error.code === 'SLEUTH_CLOSED')) asked.catch(() => {})
    })
    return asked
  }

  #notMounted(service: string): Error {
    return sleuthError('SLEUTH_NOT_MOUNTED', { service, hint: this.#hints.notMounted })
  }
}

/** Gives a middleware what `Mounted` promises. */
export function carry<T extends object>(middleware: T, mount: Mount): T & Mounted {
  return Object.defineProperties(middleware, {
    sleuth: { value: mount.sleuth },
    join: { value: () => mount.join() },
    ready: { get: () => mount.join() },
    leave: { value: () => mount.leave() },
    close: { value: () => mount.close() },
  }) as T & Mounted
}

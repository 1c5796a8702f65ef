import { sleuthError } from '../errors.js'
import type { RequestListener, Sleuth } from '../types.js'
import { type AdapterInput, type Adopted, adopt } from './adopt.js'

/** What the middlewares of Express and Koa carry, since those frameworks have no lifecycle. */
export interface Mounted {
  readonly sleuth: Sleuth
  /** Joins the network; later calls give the first one's promise. Rejects with a `SleuthError`. */
  join(): Promise<Sleuth>
  /** Reading it joins: `await middleware.ready`, once the routes are there. */
  readonly ready: Promise<Sleuth>
  /** Leaves the network, if this middleware joined it. A second call gives the first one's promise. */
  close(): Promise<void>
}

/** An app that a middleware is mounted on. */
export interface Host {
  listen: (...args: never[]) => unknown
}

export interface MountHints {
  /** Ends the sentence of `SLEUTH_NOT_JOINED`. */
  readonly notJoined: string
  /** Ends the sentence of `SLEUTH_NOT_MOUNTED`. */
  readonly notMounted: string
}

/** A handle that joins when its app and the app's routes are there. Without a service it waits for neither. */
export class Mount implements Mounted {
  readonly sleuth: Sleuth
  readonly #adopted: Adopted
  readonly #hints: MountHints
  #handler: RequestListener | undefined
  #joining: Promise<Sleuth> | undefined
  #joined = false

  constructor(input: AdapterInput | undefined, hints: MountHints) {
    this.#adopted = adopt(input, hints.notJoined)
    this.#hints = hints
    this.sleuth = this.#adopted.sleuth
    if (this.#adopted.service === undefined) this.join()
  }

  /** Says which app answers for the service. Whether it is taken: the first one stays. */
  answerWith(handler: RequestListener): boolean {
    if (this.#handler) return false
    this.#handler = handler
    return true
  }

  /** Routes may be added after an `await`, so it is `listen` that tells when they are there. */
  joinOnListen(host: Host): void {
    const { listen } = host
    host.listen = (...args) => {
      this.join()
      return listen.apply(host, args)
    }
  }

  join(): Promise<Sleuth> {
    const { service } = this.#adopted
    // An app may still come, so this answer is not kept.
    if (service !== undefined && !this.#handler) return observed(Promise.reject(this.#notMounted(service)))
    this.#joining ??= observed(this.#start())
    return this.#joining
  }

  get ready(): Promise<Sleuth> {
    return this.join()
  }

  /** What a request to the app waits for: a join under way. It rejects for as long as there is no joining. */
  admit(): Promise<Sleuth> | undefined {
    if (this.#joined) return undefined
    const { service } = this.#adopted
    return service !== undefined && !this.#handler ? this.join() : this.#joining
  }

  close(): Promise<void> {
    return this.#adopted.close()
  }

  async #start(): Promise<Sleuth> {
    const sleuth = await this.#adopted.join(this.#adopted.service === undefined ? undefined : this.#handler)
    this.#joined = true
    return sleuth
  }

  #notMounted(service: string): Error {
    return sleuthError('SLEUTH_NOT_MOUNTED', { service, hint: this.#hints.notMounted })
  }
}

/** Nobody has to await a join: it is logged, and each request is told, so a failure is no unhandled rejection. */
function observed<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** Gives a middleware what `Mounted` promises. */
export function carry<T extends object>(middleware: T, mount: Mount): T & Mounted {
  return Object.defineProperties(middleware, {
    sleuth: { value: mount.sleuth },
    join: { value: () => mount.join() },
    ready: { get: () => mount.join() },
    close: { value: () => mount.close() },
  }) as T & Mounted
}

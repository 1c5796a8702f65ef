import { createNode } from '@sleuth/zre'
import { Client } from '../client.js'
import { checkOptions } from '../options.js'
import type { RequestListener, Sleuth, SleuthOptions } from '../types.js'

export interface DeferredOptions {
  /** Ends the sentence of `SLEUTH_NOT_JOINED`: what to do before the first call, e.g. `await app.ready()`. */
  hint: string
}

/** A handle that exists before the network is joined. */
export interface DeferredSleuth {
  /** Rejects calls with `SLEUTH_NOT_JOINED` until `join` has resolved; listeners may be added from the start. */
  readonly sleuth: Sleuth
  /** Joins once: later calls give the first one's promise. A client-only handle takes no handler. */
  join(handler?: RequestListener): Promise<Sleuth>
  /** Tells the peers to call no more, and answers the requests in flight: the first half of `close`. Does not throw. */
  leave(): Promise<void>
  /** As `sleuth.close()`, but a second call, of either, gives the first one's promise: a framework may close twice. */
  close(): Promise<void>
}

/**
 * For adapters. Checks the options at once, and throws what `createSleuth` would reject with; a `service` needs no
 * `handler` yet, since the app is the handler.
 */
export function createDeferredSleuth(options: SleuthOptions, { hint }: DeferredOptions): DeferredSleuth {
  const client = new Client(checkOptions(options, { handlerFollows: true }), hint)
  let joined: Promise<Sleuth> | undefined
  return {
    sleuth: client,
    join: (handler) => (joined ??= client.join(createNode, handler).then(() => client)),
    leave: () => client.leave(),
    close: () => client.shutdown(),
  }
}

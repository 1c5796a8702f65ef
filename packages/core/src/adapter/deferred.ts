import type { ServerResponse } from 'node:http'
import type { SleuthError } from '../shared/errors.js'
import { checkOptions } from '../shared/options.js'
import { Client } from '../sleuth/client.js'
import { createNode } from '../sleuth/connect.js'
import type { RequestListener, Sleuth, SleuthOptions } from '../types.js'

/** What an adapter takes beside core's options. */
const adapterOptions = ['onError']

export interface DeferredOptions {
  /** Ends the sentence of `SLEUTH_NOT_JOINED`: what to do before the first call, e.g. `await app.ready()`. */
  hint: string
  /** A join that fails is written to stderr where the default logger is silent. */
  aloud?: boolean | undefined
}

/** A handle that exists before the network is joined. */
export interface DeferredSleuth {
  /** Rejects calls with `SLEUTH_NOT_JOINED` until `join` has resolved; listeners may be added from the start. */
  readonly sleuth: Sleuth
  /** Joins once: later calls give the first one's promise. A client-only handle takes no handler. */
  join(handler?: RequestListener): Promise<Sleuth>
  /** A warning that is written to stderr where the default logger is silent. */
  warn(problem: SleuthError): void
  /** `close` waits for the response to a request over HTTP, whose handler may call others. */
  waitsFor(res: ServerResponse): void
  /** As `sleuth.leave()`. */
  leave(): Promise<void>
  /** As `sleuth.close()`, but a second call, of either, gives the first one's promise: a framework may close twice. */
  close(): Promise<void>
}

/**
 * For adapters. Checks the options at once, and throws what `createSleuth` would reject with; a `service` needs no
 * `handler` yet, since the app is the handler.
 */
export function createDeferredSleuth(
  options: SleuthOptions | undefined,
  { hint, aloud = false }: DeferredOptions,
): DeferredSleuth {
  const client = new Client(checkOptions(options, { adapter: adapterOptions }), hint)
  let joined: Promise<Sleuth> | undefined
  return {
    sleuth: client,
    join: (handler) => (joined ??= client.join(createNode, { handler, aloud }).then(() => client)),
    warn: (problem) => client.warn(problem),
    waitsFor: (res) => client.waitsFor(res),
    leave: () => client.leave(),
    close: () => client.shutdown(),
  }
}

import type { ServerResponse } from 'node:http'
import { SleuthError, sleuthError } from '../shared/errors.js'
import { checkOptions } from '../shared/options.js'
import { Client, isSleuth } from '../sleuth/client.js'
import { createNode } from '../sleuth/connect.js'
import type { RequestListener, Sleuth, SleuthOptions } from '../types.js'

/** The app is the handler, so an adapter's options have none. */
export interface AdapterOptions extends Omit<SleuthOptions, 'handler'> {
  /**
   * Called when the network could not be joined. In Express and Koa the failure is then no unhandled rejection: the process goes
   * on without the network. In Fastify `ready()` and `listen()` reject all the same.
   */
  onError?: ((error: SleuthError) => void) | undefined
}

/** What every adapter takes: a service name, options, or a `Sleuth` that someone else made and closes. */
export type AdapterInput = string | AdapterOptions | Sleuth

export interface HandleOptions {
  /** Ends the sentence of `SLEUTH_NOT_JOINED`: what to do before the first call, e.g. `await app.ready()`. */
  hint: string
  /** A join that fails is written to stderr where the default logger is silent. */
  aloud?: boolean | undefined
  /** The names of options that the adapter itself takes, for the message about an unknown one. */
  ownOptions?: readonly string[] | undefined
}

/** What an adapter holds before the network is joined. It leaves and closes only what it has created. */
export interface Handle {
  /** Rejects calls with `SLEUTH_NOT_JOINED` until `join` has resolved; listeners may be added from the start. */
  readonly sleuth: Sleuth
  /** The service that the app answers for. Undefined for a client, and for a `Sleuth` that someone else made. */
  readonly service: string | undefined
  /** `join` calls it before it rejects. */
  readonly onError: AdapterOptions['onError']
  /** Joins once: later calls give the first one's promise. A client takes no handler. */
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

/** Checks the options at once, and throws what `createSleuth` would reject with. */
export function adopt(input: AdapterInput | undefined, given: HandleOptions): Handle {
  const { hint, aloud = false, ownOptions = [] } = given
  if (isSleuth(input)) return borrow(input)
  const { options, onError } = split(input)
  const client = new Client(checkOptions(options, { adapter: ['onError', ...ownOptions] }), hint)
  let joined: Promise<Sleuth> | undefined
  const join = async (handler: RequestListener | undefined): Promise<Sleuth> => {
    try {
      await client.join(createNode, { handler, aloud, direct: true })
      return client
    } catch (error) {
      if (error instanceof SleuthError && error.code !== 'SLEUTH_CLOSED') onError?.(error)
      throw error
    }
  }
  return {
    sleuth: client,
    service: options?.service,
    onError,
    join: (handler) => (joined ??= join(handler)),
    warn: (problem) => client.warn(problem),
    waitsFor: (res) => client.waitsFor(res),
    leave: () => client.leave(),
    close: () => client.shutdown(),
  }
}

/** Separates the adapter's own option from core's, which refuses what is no object. */
function split(input: string | AdapterOptions | undefined): {
  options?: SleuthOptions | undefined
  onError?: AdapterOptions['onError']
} {
  if (typeof input === 'string') return { options: { service: input } }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return { options: input }
  if ('handler' in input) {
    throw sleuthError('SLEUTH_OPTION', {
      option: 'handler',
      problem:
        'is not for an adapter, whose app is the handler: leave it out, or call createSleuth() from @sleuth/core',
    })
  }
  const { onError, ...options } = input
  if (onError !== undefined && typeof onError !== 'function') {
    throw sleuthError('SLEUTH_OPTION', { option: 'onError', problem: 'must be a function (error)' })
  }
  return { options, onError }
}

function borrow(sleuth: Sleuth): Handle {
  return {
    sleuth,
    service: undefined,
    onError: undefined,
    join: async () => sleuth,
    warn: () => {},
    waitsFor: () => {},
    leave: async () => {},
    close: async () => {},
  }
}

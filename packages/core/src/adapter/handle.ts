import type { ServerResponse } from 'node:http'
import type { JoinOptions } from '../node/join-options.js'
import { SleuthError, sleuthError } from '../shared/errors.js'
import { checkOptions } from '../shared/options/options.js'
import { isSleuth } from '../sleuth/base-client.js'
import { Client } from '../sleuth/client.js'
import { joinNetwork } from '../sleuth/join.js'
import type { RequestListener, Sleuth, SleuthOptions } from '../types.js'

/** The app is the handler, so an adapter's options have none. */
export interface AdapterOptions extends Omit<SleuthOptions, 'handler'> {
  /**
   * Called when the network could not be joined. In Express and Koa the failure is then no unhandled rejection: the process goes
   * on without the network. In Fastify `ready()` and `listen()` reject all the same.
   */
  onError?: ((error: SleuthError) => void) | undefined
}

/** The argument of every adapter: a service name, options, or a `Sleuth` that someone else makes and closes. */
export type AdapterInput = string | AdapterOptions | Sleuth

export interface HandleOptions {
  /** The end of the message of `SLEUTH_NOT_JOINED`: what to do before the first call, such as `await app.ready()`. */
  hint: string
  /** Writes a join that fails to stderr if the default logger is silent. */
  aloud?: boolean | undefined
  /** The names of options that the adapter itself takes, for the message about an unknown one. */
  ownOptions?: readonly string[] | undefined
}

/** What an adapter has before it joins the network. It leaves and closes only what it has created. */
export interface Handle {
  /** It rejects calls with `SLEUTH_NOT_JOINED` until `join` has resolved. Listeners may be added from the start. */
  readonly sleuth: Sleuth
  /** The service that the app answers for. Undefined for a client, and for a `Sleuth` that someone else made. */
  readonly service: string | undefined
  /** `join` calls it before it rejects. */
  readonly onError: AdapterOptions['onError']
  /** Joins once. Later calls return the promise of the first. A client takes no handler. */
  join(handler?: RequestListener): Promise<Sleuth>
  /** In place of `join`, for an app that can't answer: it only calls. `tell` gets the warning that its service is not offered. */
  joinAsClient(tell: (problem: SleuthError) => void): Promise<Sleuth>
  /** Logs a warning, to stderr if the default logger is silent. */
  warn(problem: SleuthError): void
  /** `close` waits for the response to a request over HTTP, whose handler may call others. */
  waitsFor(res: ServerResponse): void
  /** Does what `sleuth.leave()` does. */
  leave(): Promise<void>
  /** Does what `sleuth.close()` does, but a second call returns the promise of the first: a framework may close twice. */
  close(): Promise<void>
}

/** Checks the options at once. It throws the error with which `createSleuth` would reject. */
export function adopt(input: AdapterInput | undefined, given: HandleOptions): Handle {
  const { hint, aloud = false, ownOptions = [] } = given
  if (isSleuth(input)) return borrow(input)
  const { options, onError } = split(input)
  const checked = checkOptions(options, { adapter: ['onError', ...ownOptions] })
  const client = new Client(checked, hint)
  let joined: Promise<Sleuth> | undefined
  const join = async (how: JoinOptions): Promise<Sleuth> => {
    try {
      await joinNetwork(client, checked, { ...how, aloud })
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
    join: (handler) => (joined ??= join({ handler })),
    joinAsClient: (tell) => {
      const { service } = checked
      if (service !== undefined) tell(sleuthError('SLEUTH_WARN_NO_HTTP', { service }))
      joined ??= join({ clientOnly: true })
      return joined
    },
    warn: (problem) => client.warn(problem),
    waitsFor: (res) => client.waitsFor(res),
    leave: () => client.leave(),
    close: () => client.shutdown(),
  }
}

/** Separates the adapter's own option from core's. Core refuses a value that is not an object. */
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
    joinAsClient: async () => sleuth,
    warn: () => {},
    waitsFor: () => {},
    leave: async () => {},
    close: async () => {},
  }
}

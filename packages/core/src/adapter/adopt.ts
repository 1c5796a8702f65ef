import { isSleuth } from '../shared/brand.js'
import { SleuthError, sleuthError } from '../shared/errors.js'
import type { Sleuth, SleuthOptions } from '../types.js'
import { createDeferredSleuth, type DeferredOptions, type DeferredSleuth } from './deferred.js'

/** The app is the handler, so there is none in an adapter's options. */
export interface AdapterOptions extends Omit<SleuthOptions, 'handler'> {
  /**
   * Called when the network could not be joined. In Express and Koa the failure is then no unhandled rejection: the process goes
   * on without the network. In Fastify `ready()` and `listen()` reject all the same.
   */
  onError?: ((error: SleuthError) => void) | undefined
}

/** What every adapter takes: a service name, options, or a `Sleuth` that someone else made and closes. */
export type AdapterInput = string | AdapterOptions | Sleuth

/** A handle for an adapter, which leaves and closes only what it created. */
export interface Adopted extends DeferredSleuth {
  /** The service that the app answers for. Undefined when client-only, or when the handle is someone else's. */
  readonly service: string | undefined
  /** `join` has called it before it rejects. */
  readonly onError: AdapterOptions['onError']
}

/** Throws what `createSleuth` would reject with. */
export function adopt(input: AdapterInput | undefined, deferredOptions: DeferredOptions): Adopted {
  if (isSleuth(input)) return borrow(input)
  const { options, onError } = split(input)
  const deferred = createDeferredSleuth(options, deferredOptions)
  const join: DeferredSleuth['join'] = async (handler) => {
    try {
      return await deferred.join(handler)
    } catch (error) {
      if (error instanceof SleuthError && error.code !== 'SLEUTH_CLOSED') onError?.(error)
      throw error
    }
  }
  return { ...deferred, join, service: options?.service, onError }
}

/** Tells what is the adapter's own from what is for core, which refuses what is no object at all. */
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

function borrow(sleuth: Sleuth): Adopted {
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

import { isSleuth } from '../brand.js'
import { sleuthError } from '../errors.js'
import type { Sleuth, SleuthOptions } from '../types.js'
import { createDeferredSleuth, type DeferredSleuth } from './deferred.js'

/** The app is the handler, so there is none in an adapter's options. */
export type AdapterOptions = Omit<SleuthOptions, 'handler'>

/** What every adapter takes: a service name, options, or a `Sleuth` that someone else made and closes. */
export type AdapterInput = string | AdapterOptions | Sleuth

/** A handle for an adapter, which leaves and closes only what it created. */
export interface Adopted extends DeferredSleuth {
  /** The service that the app answers for. Undefined when client-only, or when the handle is someone else's. */
  readonly service: string | undefined
}

/** `hint` ends the sentence of `SLEUTH_NOT_JOINED`. Throws what `createSleuth` would reject with. */
export function adopt(input: AdapterInput | undefined, hint: string): Adopted {
  if (isSleuth(input)) return borrow(input)
  const options = typeof input === 'string' ? { service: input } : input
  if (typeof options === 'object' && options !== null && 'handler' in options) {
    throw sleuthError('SLEUTH_OPTION', {
      option: 'handler',
      problem:
        'is not for an adapter, whose app is the handler: leave it out, or call createSleuth() from @sleuth/core',
    })
  }
  const deferred = createDeferredSleuth(options === undefined ? {} : options, { hint })
  return { ...deferred, service: options?.service }
}

function borrow(sleuth: Sleuth): Adopted {
  return {
    sleuth,
    service: undefined,
    join: async () => sleuth,
    leave: async () => {},
    close: async () => {},
  }
}

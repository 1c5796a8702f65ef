import { createRequire } from 'node:module'
import { isMainThread } from 'node:worker_threads'
import type * as ZeroMQ from 'zeromq'
import { ZreError } from '../error.js'
import { polled } from './polled.js'

let loaded: typeof ZeroMQ | undefined

/**
 * Loads zeromq when the first socket or key is made. It is a native addon: a program that imports this package and opens no
 * node (unit tests, type checks, `enabled: false`) runs where the addon does not. Throws a `ZreError` where it can't be loaded.
 */
export function zeromq(): typeof ZeroMQ {
  loaded ??= load()
  return loaded
}

function load(): typeof ZeroMQ {
  try {
    const module = createRequire(import.meta.url)('zeromq') as typeof ZeroMQ
    return isMainThread ? module : polled(module)
  } catch (cause) {
    const message = `can't load the native addon of the package zeromq: ${(cause as Error).message}`
    throw new ZreError('ZRE_ADDON', message, { cause })
  }
}

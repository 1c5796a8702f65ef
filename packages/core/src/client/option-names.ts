import type { FetchOptions, ServiceDefaults } from '../types.js'

// A type holds each list complete: an option without its name here does not compile.

const ofService: Record<Exclude<keyof ServiceDefaults, 'headers'>, true> = {
  timeout: true,
  retry: true,
  waitFor: true,
  balance: true,
  version: true,
  where: true,
  prefer: true,
  key: true,
}

const ofFetch: Record<keyof FetchOptions, true> = { ...ofService, inherit: true, decompress: true }

/** What `sleuth.service` takes as defaults of calls, beside headers. */
export const serviceOptionNames: readonly string[] = Object.keys(ofService)

/** What `fetch` takes as `init.sleuth`. */
export const fetchOptionNames: readonly string[] = Object.keys(ofFetch)

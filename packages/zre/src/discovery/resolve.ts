import { lookup as lookupAll, resolveSrv } from 'node:dns/promises'
import { canonicalAddress, formatEndpoint } from '../wire/endpoint.js'
import type { PublicKey } from '../wire/key.js'
import type { LineSeed } from './seed.js'

/** Asks for names. Throws as `node:dns` does: `ENOTFOUND` and `ENODATA` say that there is nothing of that name. */
export interface Resolver {
  addresses(name: string): Promise<readonly string[]>
  services(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>
}

/**
 * The system's own: names of one word get its search domains, as in Kubernetes, and its file of hosts counts. DNS itself, which
 * c-ares asks, knows neither.
 */
export const systemResolver: Resolver = {
  async addresses(name) {
    const found = await lookupAll(name, { all: true })
    return found.map(({ address }) => address)
  },
  services: resolveSrv,
}

/** Where a node may be. */
export interface Candidate {
  readonly endpoint: string
  readonly address: string
  readonly key: PublicKey | undefined
}

/** The most endpoints of one seed. */
const MAX_CANDIDATES = 1024
/** Names that one answer of type SRV may have asked for. */
const MAX_TARGETS = 64

/** Where a seed leads now, each place once. Rejects when nobody answers: that says nothing about the name. */
export async function resolveSeed(seed: LineSeed, resolver: Resolver): Promise<Candidate[]> {
  const { key } = seed
  const places =
    seed.kind === 'address'
      ? [seed]
      : seed.kind === 'name'
        ? await addressesOf(seed.name, seed.port, resolver)
        : await servicesOf(seed.name, resolver)
  const found = new Map<string, Candidate>()
  for (const { address, port } of places) {
    const endpoint = formatEndpoint(address, port)
    if (found.size < MAX_CANDIDATES) found.set(endpoint, { endpoint, address, key })
  }
  return [...found.values()]
}

interface Place {
  readonly address: string
  readonly port: number
}

async function addressesOf(name: string, port: number, resolver: Resolver): Promise<Place[]> {
  const found = await noneIfUnknown(resolver.addresses(name))
  return found.flatMap((text) => {
    const address = canonicalAddress(text)
    return address === undefined ? [] : [{ address, port }]
  })
}

/** A target whose own name can't be looked up does not keep the others away. */
async function servicesOf(name: string, resolver: Resolver): Promise<Place[]> {
  const found = await noneIfUnknown(resolver.services(name))
  // The target "." says that there is no such service (RFC 2782); c-ares gives it as an empty name.
  const targets = found.filter((target) => target.name !== '' && target.port > 0).slice(0, MAX_TARGETS)
  const results = await Promise.allSettled(
    targets.map(({ name: target, port }) => addressesOf(target, port, resolver)),
  )
  const failed = results.find((result) => result.status === 'rejected')
  const places = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  if (places.length === 0 && failed !== undefined) throw failed.reason
  return places
}

async function noneIfUnknown<T>(answer: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await answer
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTFOUND' || code === 'ENODATA') return []
    throw error
  }
}

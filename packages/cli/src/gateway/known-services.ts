import type { Sleuth } from '@sleuth/core'

/** Names that are remembered after their service has gone. */
const MAX_REMEMBERED = 1000

/** The services that the gateway may call, and how many instances each has. */
export class KnownServices {
  readonly #allowed: ReadonlySet<string> | undefined
  readonly #instances = new Map<string, number>()
  readonly #remembered = new Set<string>()

  /** `allow`: the only names that exist for clients. Undefined: all do. */
  constructor(allow: readonly string[] | undefined) {
    this.#allowed = allow && new Set(allow)
  }

  follow(sleuth: Pick<Sleuth, 'services' | 'on'>): void {
    for (const { service, instances } of sleuth.services()) this.#count(service, instances.length)
    sleuth.on('up', ({ service }) => this.#count(service, 1))
    sleuth.on('down', ({ service }) => this.#count(service, -1))
  }

  /** The name of the service that a client means. A host comes in lower case from every browser. */
  find(written: string): string | undefined {
    if (this.#has(written)) return written
    const lower = written.toLowerCase()
    const same = [...this.#instances.keys()].filter((name) => this.#has(name) && name.toLowerCase() === lower)
    return same.length === 1 ? same[0] : undefined
  }

  isAllowed(written: string): boolean {
    if (this.#allowed === undefined || this.#allowed.has(written)) return true
    const lower = written.toLowerCase()
    return [...this.#allowed].some((name) => name.toLowerCase() === lower)
  }

  /** It was there, and may come back. */
  wasThere(written: string): boolean {
    return this.#remembered.has(written.toLowerCase())
  }

  list(): string[] {
    return [...this.#instances.keys()].filter((name) => this.#has(name)).sort()
  }

  #has(name: string): boolean {
    return this.#instances.has(name) && (this.#allowed?.has(name) ?? true)
  }

  #count(service: string, change: number): void {
    const instances = (this.#instances.get(service) ?? 0) + change
    if (instances > 0) this.#instances.set(service, instances)
    else this.#instances.delete(service)
    const [oldest] = this.#remembered
    if (this.#remembered.size >= MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest)
    this.#remembered.add(service.toLowerCase())
  }
}

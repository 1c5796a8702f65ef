import type { Directory } from '../directory/directory.js'
import type { Direct } from '../transport/direct/direct.js'
import type { Instance, UpEvent } from '../types.js'

/** The most milliseconds that `waitFor` waits for direct connections to the instances that it has found. */
const READY_MS = 100

/**
 * Services that somebody has waited for, and so calls soon. Their instances get a direct connection before the first call: a
 * stream stays where it begins, and a large one is to begin there.
 */
export class ExpectedServices {
  readonly #directory: Directory
  readonly #direct: () => Direct | undefined
  readonly #use: (service: string) => void
  readonly #names = new Set<string>()

  /** `use`: a service is called soon, so there are to be links to its instances. */
  constructor(
    directory: Directory,
    { direct, use }: { direct: () => Direct | undefined; use: (service: string) => void },
  ) {
    this.#directory = directory
    this.#direct = direct
    this.#use = use
  }

  add(services: Iterable<string>): void {
    const added = new Set<string>()
    for (const service of services) if (!this.#names.has(service)) added.add(service)
    if (added.size === 0) return
    for (const service of added) {
      this.#names.add(service)
      this.#use(service)
    }
    for (const instance of this.#instancesOf(added)) this.#expect(instance)
  }

  up({ service, instance }: UpEvent): void {
    if (!this.#names.has(service)) return
    this.#use(service)
    this.#expect(instance)
  }

  /** Resolves when the connections that are being made stand or have failed: soon, and after so many milliseconds at the latest. */
  async ready(services: ReadonlySet<string>, milliseconds: number): Promise<void> {
    const direct = this.#direct()
    const most = Math.min(READY_MS, milliseconds)
    if (direct === undefined || most <= 0) return
    await Promise.all(this.#instancesOf(services).map(({ id }) => direct.ready(id, most)))
  }

  #instancesOf(services: ReadonlySet<string>): readonly Instance[] {
    return this.#directory
      .services()
      .flatMap(({ service, instances }) => (services.has(service) ? instances : []))
  }

  #expect({ id, wire }: Instance): void {
    if (wire > 1) this.#direct()?.want(id)
  }
}

import type { Directory } from '../directory/directory.js'
import type { Instance, UpEvent } from '../types.js'

/**
 * Services that somebody has waited for, and so calls soon. Their instances get a direct connection before the first call: a
 * stream stays where it begins, and a large one is to begin there.
 */
export class ExpectedServices {
  readonly #directory: Directory
  readonly #expect: (instance: Instance) => void
  readonly #names = new Set<string>()

  /** `expect` is called for each instance that is expected to be called, when it is known. */
  constructor(directory: Directory, expect: (instance: Instance) => void) {
    this.#directory = directory
    this.#expect = expect
  }

  add(services: Iterable<string>): void {
    const added = new Set<string>()
    for (const service of services) if (!this.#names.has(service)) added.add(service)
    if (added.size === 0) return
    for (const service of added) this.#names.add(service)
    for (const { service, instances } of this.#directory.services())
      if (added.has(service)) instances.forEach(this.#expect)
  }

  up({ service, instance }: UpEvent): void {
    if (this.#names.has(service)) this.#expect(instance)
  }
}

import type { Instance } from '../types.js'

/** The instances of one service, handed out by turns in Go's order (workers.go). */
export class Pool {
  #instances: Instance[] = []
  #current = 0

  get instances(): readonly Instance[] {
    return this.#instances
  }

  /** Whether it was added: an instance that is there already is left alone. */
  add(instance: Instance): boolean {
    if (this.#instances.some(({ id }) => id === instance.id)) return false
    this.#instances.push(instance)
    return true
  }

  remove(id: string): Instance | undefined {
    const index = this.#instances.findIndex((instance) => instance.id === id)
    return index === -1 ? undefined : this.#instances.splice(index, 1)[0]
  }

  /** The turn is not moved by a removal, as in Go: the next but one may be passed over once. */
  next(): Instance | undefined {
    if (this.#current >= this.#instances.length) this.#current = 0
    return this.#instances[this.#current++]
  }
}

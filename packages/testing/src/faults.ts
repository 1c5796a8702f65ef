/** Something that is wrong on a test network, until it is healed. */
export interface Fault {
  /** Ends it. A second call does nothing. */
  heal(): void
  [Symbol.dispose](): void
}

/** What is wrong now. */
export class Faults {
  readonly #open = new Set<Fault>()

  /** `ends`: each of them ends a part of it. */
  begin(ends: readonly (() => void)[]): Fault {
    const heal = () => {
      if (this.#open.delete(fault)) for (const end of ends) end()
    }
    const fault: Fault = { heal, [Symbol.dispose]: heal }
    this.#open.add(fault)
    return fault
  }

  healAll(): void {
    for (const fault of [...this.#open]) fault.heal()
  }
}

/** Milliseconds, and items, after which timers, I/O and the rest of the process have their turn. */
const TURN_MS = 10
const TURN_ITEMS = 256
/** No more items are taken in until these are handed on. */
const MAX_WAITING = 64

/**
 * Hands on what has come, in its order. It never does so from within a microtask, since the receiver may rely on
 * `process.nextTick` to come before promises. It pauses for the event loop, which a peer that sends without pause would block.
 */
export class Delivery<T> {
  readonly #deliver: (item: T, now: number) => void
  #waiting: T[] = []
  #next = 0
  #scheduled = false
  #resting = false
  /** Items handed on, and milliseconds spent, since the event loop last had its turn. */
  #items = 0
  #spent = 0
  /** All sockets that wait for room share this promise. */
  #room: Promise<void> | undefined
  #onRoom = (): void => {}

  /** `deliver` does not throw. It gets the time, on the clock of `performance.now()`. */
  constructor(deliver: (item: T, now: number) => void) {
    this.#deliver = deliver
  }

  /** Something waits to be handed on. */
  get busy(): boolean {
    return this.#scheduled
  }

  /** If it gives a promise, no more is to be taken in until that resolves. */
  add(item: T): Promise<void> | undefined {
    this.#waiting.push(item)
    if (!this.#scheduled) {
      this.#scheduled = true
      process.nextTick(run, this)
    }
    if (!this.#resting && this.#waiting.length < MAX_WAITING) return undefined
    this.#room ??= new Promise((resolve) => {
      this.#onRoom = resolve
    })
    return this.#room
  }

  run(): void {
    const start = performance.now()
    let now = start
    while (this.#next < this.#waiting.length) {
      this.#deliver(this.#waiting[this.#next++] as T, now)
      now = performance.now()
      if (++this.#items >= TURN_ITEMS || this.#spent + now - start >= TURN_MS) {
        this.#resting = true
        setImmediate(goOn, this)
        return
      }
    }
    this.#spent += now - start
    this.#waiting = []
    this.#next = 0
    this.#scheduled = false
    this.#room = undefined
    this.#onRoom()
  }

  goOn(): void {
    this.#resting = false
    this.#items = 0
    this.#spent = 0
    this.run()
  }
}

function run<T>(delivery: Delivery<T>): void {
  delivery.run()
}

function goOn<T>(delivery: Delivery<T>): void {
  delivery.goOn()
}

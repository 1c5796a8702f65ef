import { Worker } from 'node:worker_threads'

/** An input that runs for so long will not end. */
const HANGS_MS = 10_000

/** Sees from outside when an input never ends: nothing inside could. */
export class Watchdog {
  #memory
  #turns
  #length
  #input

  constructor(name, longest) {
    this.#memory = new SharedArrayBuffer(8 + longest)
    this.#turns = new Uint32Array(this.#memory, 0, 1)
    this.#length = new Uint32Array(this.#memory, 4, 1)
    this.#input = new Uint8Array(this.#memory, 8)
    const worker = new Worker(new URL('./watching.js', import.meta.url), {
      workerData: { name, memory: this.#memory, hangs: HANGS_MS },
      execArgv: [],
    })
    worker.unref()
  }

  runs(bytes) {
    this.#input.set(bytes)
    this.#length[0] = bytes.length
    this.#turns[0]++
  }
}

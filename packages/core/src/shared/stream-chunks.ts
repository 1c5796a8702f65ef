import { finished, type Readable } from 'node:stream'
import { Queue } from './queue.js'

interface Waiting {
  resolve(result: IteratorResult<unknown>): void
  reject(error: Error): void
}

/**
 * Reads a stream of Node chunk by chunk, as it was written. The stream's own iterator copies all the chunks that wait into one.
 * One chunk at most is read ahead.
 */
export class StreamChunks {
  readonly #stream: Readable
  readonly #chunks = new Queue<unknown>()
  #waiting: Waiting | undefined
  #ended = false
  #skips = false
  #error: Error | undefined

  constructor(stream: Readable) {
    this.#stream = stream
    // The listeners stay: a stream that fails later on, unheard, would end the process.
    finished(stream, { writable: false }, (error) => this.#end(error))
    stream.pause()
    stream.on('data', (chunk: unknown) => this.#take(chunk))
  }

  /** Whether the events tell of all chunks. To whom listens for `readable`, a stream gives them when they are asked for. */
  static canRead(stream: object): stream is Readable {
    return (
      ['on', 'pause', 'resume', 'listenerCount'].every(
        (name) => typeof (stream as Record<string, unknown>)[name] === 'function',
      ) && (stream as Readable).listenerCount('readable') === 0
    )
  }

  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
    if (this.#chunks.size > 0) return { done: false, value: this.#chunks.shift() }
    if (this.#error !== undefined) throw this.#error
    if (this.#ended) return end
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#stream.resume()
    })
  }

  /** Nobody reads the rest: it is thrown away as it comes. */
  skip(): void {
    this.#skips = true
    this.#chunks.clear()
    this.#waiting?.resolve(end)
    this.#waiting = undefined
    this.#stream.resume()
  }

  #take(value: unknown): void {
    if (this.#skips) return
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) {
      waiting.resolve({ done: false, value })
      return
    }
    this.#chunks.push(value)
    this.#stream.pause()
  }

  #end(error: Error | null | undefined): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#ended = true
    this.#error = error ?? undefined
    if (error) waiting?.reject(error)
    else waiting?.resolve(end)
  }
}

const end: IteratorResult<unknown> = { done: true, value: undefined }

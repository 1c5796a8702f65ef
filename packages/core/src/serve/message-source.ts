import type { IncomingMessage } from 'node:http'
import type { ByteSource } from '../shared/byte-stream.js'
import { StreamChunks } from '../shared/stream-chunks.js'
import { cutError, goneError, lateError } from './body-errors.js'
import type { Hangup } from './hangup.js'

/** Milliseconds from the end of the response, or from the last read after it, until nobody is taken to read on. */
const PATIENCE_MS = 500

/** The body of a request as it comes. */
export class MessageSource implements ByteSource {
  readonly #req: IncomingMessage
  readonly #hangup: Hangup
  #chunks: StreamChunks | undefined
  #reads = 0
  #isReading = false
  #isGone = false

  constructor(req: IncomingMessage, hangup: Hangup) {
    this.#req = req
    this.#hangup = hangup
  }

  get #isOver(): boolean {
    return this.#req.readableEnded || this.#req.destroyed
  }

  #open(): StreamChunks {
    const tooLate = lateError(this.#req)
    if (tooLate !== undefined) throw tooLate
    this.#hangup.onComplete = () => this.#letGo()
    return new StreamChunks(this.#req)
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#isGone) throw goneError(this.#req)
    this.#chunks ??= this.#open()
    this.#reads++
    this.#isReading = true
    try {
      const { value, done } = await this.#chunks.next()
      return done ? undefined : (value as Buffer)
    } catch (error) {
      throw cutError(this.#req, error)
    } finally {
      this.#isReading = false
    }
  }

  /** Nobody reads the rest. As in a Node listener, it is thrown away, and the response goes on. */
  cancel(): void {
    if (this.#chunks === undefined) this.#req.resume()
    else this.#chunks.skip()
  }

  /**
   * The response is over, and its handler may have stopped reading. Over HTTP the next request of the connection comes behind
   * this body, so it has to go by. Node does this itself only for a body of which nothing was read.
   */
  #letGo(): void {
    if (this.#isOver) return
    const reads = this.#reads
    setTimeout(() => {
      if (this.#isOver) return
      if (this.#isReading || this.#reads !== reads) {
        this.#letGo()
        return
      }
      this.#isGone = true
      this.cancel()
    }, PATIENCE_MS).unref()
  }
}

import type { IncomingMessage } from 'node:http'
import { ClientGone, GatewayError, uploadStalled } from './failure.js'

/** A body of up to so many bytes is read before it is sent: then the call can be sent to another instance. */
const SMALL = 64 * 1024

export interface UploadOptions {
  readonly req: IncomingMessage
  /** Milliseconds that a client may take for the next bytes, or `Infinity`. */
  stallTime(): number
  /** The body is wanted: it tells a client that waits for `100 Continue`. */
  begin(): void
  /** The gateway waits for the client. */
  waits(): void
  /** The gateway has what the client sent, and waits for the service. */
  passes(): void
}

/** The body of a request. It has none, a small one that is read first, or a stream. */
export function uploadOf(options: UploadOptions): undefined | Promise<Buffer> | Upload {
  const { 'content-length': length, 'transfer-encoding': coding } = options.req.headers
  if (coding === undefined && (length === undefined || Number(length) === 0)) return undefined
  const upload = new Upload(options)
  return length !== undefined && Number(length) <= SMALL ? gathered(upload) : upload
}

async function gathered(upload: Upload): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of upload) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * Reads a request. It may be ended early, also while it waits, and leaves the connection alone then: the client gets its
 * response there. The iterator of a Node stream can do only one of the two.
 */
export class Upload implements AsyncIterableIterator<Uint8Array> {
  readonly #options: UploadOptions
  #begun = false
  #ended = false
  #wake: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #stalled = false

  constructor(options: UploadOptions) {
    this.#options = options
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const { req, begin, waits, passes } = this.#options
    if (!this.#begun) this.#begin(begin)
    for (;;) {
      if (this.#ended) return { done: true, value: undefined }
      const chunk: Buffer | null = req.read()
      if (chunk !== null) {
        passes()
        return { done: false, value: chunk }
      }
      if (req.readableEnded) {
        this.#end()
        passes()
        return { done: true, value: undefined }
      }
      if (req.destroyed) {
        this.#end()
        throw new ClientGone('the client hung up before its request was complete')
      }
      waits()
      const time = this.#options.stallTime()
      await this.#change(time)
      if (this.#stalled) throw uploadStalled(time)
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#end()
    return { done: true, value: undefined }
  }

  #begin(begin: () => void): void {
    this.#begun = true
    const { req } = this.#options
    for (const event of events) req.on(event, this.#changed)
    begin()
  }

  #change(time: number): Promise<void> {
    if (time < Infinity) this.#timer = setTimeout(() => this.#stall(), time)
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #stall(): void {
    this.#stalled = true
    this.#end()
  }

  readonly #changed = () => {
    clearTimeout(this.#timer)
    this.#wake?.()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    const { req } = this.#options
    for (const event of events) req.off(event, this.#changed)
    this.#changed()
  }
}

const events = ['readable', 'end', 'error', 'close'] as const

/** The fault of the gateway's own for which a body could not be read. */
export function ownFault(error: unknown): GatewayError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof GatewayError) return cause
  return undefined
}

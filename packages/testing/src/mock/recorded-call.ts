import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { SleuthRequest } from '@sleuth/core'

/** A request that a mock got. */
export interface RecordedCall {
  readonly method: string
  /** The path, with the query: `/authors/1?full=true`. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** The body: of a request to a Node listener, as far as it has come. */
  readonly body: Buffer
  /** The service that called. Undefined for a client. */
  readonly caller: string | undefined
  text(): string
  /** The body, parsed. */
  json(): unknown
}

export class Recording implements RecordedCall {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly caller: string | undefined
  readonly #chunks: Buffer[] = []

  constructor(req: SleuthRequest) {
    this.method = req.method ?? ''
    this.url = req.url ?? ''
    this.headers = req.headers
    this.caller = req.sleuthPeer?.service
  }

  get body(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  text(): string {
    return this.body.toString()
  }

  json(): unknown {
    return JSON.parse(this.text())
  }

  /** Resolves when the whole body has come. */
  async gather(request: Request): Promise<Buffer> {
    this.#chunks.push(Buffer.from(await request.arrayBuffer()))
    return this.body
  }

  /** Keeps what comes on its way to a listener, which reads it as it likes. */
  listenIn(req: IncomingMessage): void {
    const present = req.read() as Buffer | null
    if (present !== null) {
      this.#chunks.push(present)
      req.unshift(present)
    }
    const push = req.push.bind(req)
    req.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
      if (chunk !== null) this.#chunks.push(chunk)
      return push(chunk, encoding)
    }
  }
}

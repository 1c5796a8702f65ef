import type { IncomingMessage } from 'node:http'
import { takeOver } from '../shared/owned-memory.js'
import type { Hangup } from './hangup.js'
import { decode, type RequestBody } from './request-body.js'

/** What a request is made of. */
export interface RequestParts {
  readonly req: IncomingMessage
  readonly url: string
  readonly body: RequestBody
  readonly hangup: Hangup
}

// The typings declare properties where there are accessors, and an accessor can't override a property.
interface Methods {
  clone(): Request
  arrayBuffer(): Promise<ArrayBuffer>
  text(): Promise<string>
  json(): Promise<unknown>
}
const Real = Request as unknown as new (url: string, init: RequestInit) => Methods

/** A real `Request`, which makes its stream and its signal when somebody asks for them. */
export class IncomingRequest extends Real {
  readonly #parts: RequestParts

  constructor(parts: RequestParts, headers: Headers | [string, string][] = headerPairs(parts.req)) {
    const { req, url, body } = parts
    const init: RequestInit = { method: req.method as string, headers }
    if (body.stream === null) super(url, init)
    else super(url, { ...init, body: body.stream as unknown as ReadableStream, duplex: 'half' })
    this.#parts = parts
    parts.hangup.request = this
  }

  get signal(): AbortSignal {
    return this.#parts.hangup.signal
  }

  /**
   * The caller hung up. A `Request` made of this one follows a signal of Node's own, which nobody else sees and only a signal
   * that is given to the constructor can abort. With one the constructor takes three times as long, so this does what it does.
   */
  abort(reason: unknown): void {
    const own = Reflect.get(Request.prototype, 'signal', this) as AbortSignal
    Object.defineProperties(own, { aborted: { value: true }, reason: { value: reason } })
    own.dispatchEvent(new Event('abort'))
  }

  override clone(): Request {
    return new Request(super.clone(), { signal: this.signal })
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#parts.body.stream?.real ?? null
  }

  get bodyUsed(): boolean {
    return this.#parts.body.isUsed
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const taken = this.#parts.body.take()
    return taken === undefined ? super.arrayBuffer() : takeOver(await taken).buffer
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer())
  }

  override async text(): Promise<string> {
    const taken = this.#parts.body.take()
    return taken === undefined ? super.text() : decode(await taken)
  }

  override async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }
}

// Some programs read `request.constructor.name`.
Object.defineProperty(IncomingRequest.prototype, 'constructor', {
  value: Request,
  writable: true,
  configurable: true,
})

export function headerPairs({ rawHeaders }: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    // HTTP/2 has the parts of the URL among its headers.
    if (!name.startsWith(':')) pairs.push([name, rawHeaders[i + 1] as string])
  }
  return pairs
}

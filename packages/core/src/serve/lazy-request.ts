import { takeOver } from '../shared/owned-memory.js'
import { headerPairs, IncomingRequest, type RequestParts } from './incoming-request.js'
import { decode } from './request-body.js'

/** Where `Request` of Node 20 and 22 keeps its state. That of Node 24 keeps it where only a real one has it. */
const stateKeys = Object.getOwnPropertySymbols(new Request('http://localhost'))

/**
 * Makes the request of a fetch handler. In Node 20 and 22 a `Request` takes longer to make than all the rest of a small call, so
 * there the real one is made when somebody asks for more than the method, the URL, headers, bytes, text or JSON.
 */
export function requestOf(parts: RequestParts): Request {
  return (stateKeys.length > 0 ? new LazyRequest(parts) : new IncomingRequest(parts)) as unknown as Request
}

class LazyRequest {
  readonly #parts: RequestParts
  #headers: Headers | undefined
  #made: Request | undefined

  constructor(parts: RequestParts) {
    this.#parts = parts
  }

  static realOf(request: LazyRequest): Request {
    request.#made ??= new IncomingRequest(request.#parts, request.#headers) as unknown as Request
    return request.#made
  }

  get method(): string {
    return this.#parts.req.method as string
  }

  get url(): string {
    return this.#parts.url
  }

  get headers(): Headers {
    this.#headers ??= this.#made?.headers ?? new Headers(headerPairs(this.#parts.req))
    return this.#headers
  }

  get signal(): AbortSignal {
    return this.#parts.hangup.signal
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#parts.body.stream?.real ?? null
  }

  get bodyUsed(): boolean {
    return this.#parts.body.isUsed
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const taken = this.#parts.body.take()
    return taken === undefined ? LazyRequest.realOf(this).arrayBuffer() : takeOver(await taken).buffer
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer())
  }

  async text(): Promise<string> {
    const taken = this.#parts.body.take()
    return taken === undefined ? LazyRequest.realOf(this).text() : decode(await taken)
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }
}

// It does not use `extends`, which would make a real one.
Object.setPrototypeOf(LazyRequest.prototype, Request.prototype)
Object.defineProperty(LazyRequest.prototype, 'constructor', {
  value: Request,
  writable: true,
  configurable: true,
})

/** All the rest is the real one's: what a `Request` has beyond the above, and what `new Request(request)` reads. */
const own = new Set(Object.getOwnPropertyNames(LazyRequest.prototype))
for (const key of [...stateKeys, ...Object.getOwnPropertyNames(Request.prototype)]) {
  if (typeof key === 'string' && own.has(key)) continue
  Object.defineProperty(LazyRequest.prototype, key, {
    get(this: LazyRequest) {
      const real = LazyRequest.realOf(this)
      const value: unknown = Reflect.get(real, key)
      return typeof value === 'function' ? value.bind(real) : value
    },
    configurable: true,
  })
}

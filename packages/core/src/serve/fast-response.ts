import { byteStream, LazyStream } from '../shared/byte-stream.js'

type Whole = string | Uint8Array
const Original = globalThis.Response
// The typings declare properties where there are accessors, and an accessor can't override a property.
const Real = Original as unknown as new (body: unknown, init?: ResponseInit) => object

/**
 * Node's own `Response` makes a stream of any body, which takes longer than all the rest of a small call. This one is a real
 * `Response` too. It makes the stream of text or bytes when somebody asks for it.
 */
class FastResponse extends Real {
  readonly #whole: Whole | undefined
  readonly #stream: LazyStream | undefined

  constructor(body?: unknown, init?: ResponseInit) {
    const whole = wholeOf(body)
    const stream = whole === undefined ? undefined : new LazyStream()
    super(stream ?? body, init)
    this.#whole = whole
    this.#stream = stream
    if (whole === undefined) return
    stream?.belongsTo({ open: () => byteStream(once(whole)), used: () => {} })
    const { headers } = this as unknown as Response
    if (typeof whole === 'string' && !headers.has('content-type')) {
      headers.set('content-type', 'text/plain;charset=UTF-8')
    }
  }

  static json(data: unknown, init?: ResponseInit): Response {
    const text = JSON.stringify(data)
    if (text === undefined) throw new TypeError('Response.json: the value has no JSON')
    const response = new FastResponse(text, init) as unknown as Response
    if (init?.headers === undefined || !new Headers(init.headers).has('content-type')) {
      response.headers.set('content-type', 'application/json')
    }
    return response
  }

  /** What `fetch` gives is an instance as well. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass inherits this method, and has instances of its own.
    // biome-ignore lint/complexity/noThisInStatic: it is the subclass, where there is one
    if (this !== FastResponse) return Function.prototype[Symbol.hasInstance].call(this, value)
    return value instanceof Original
  }

  /** The lazy stream is no stream for Node's own functions, such as `Readable.fromWeb`. */
  get body(): Response['body'] {
    return this.#stream === undefined ? Reflect.get(Original.prototype, 'body', this) : this.#stream.real
  }

  /** The body, if it has no stream yet. */
  static wholeOf(response: object): Whole | undefined {
    if (!(#stream in response)) return undefined
    return response.#stream?.isMade || response.#stream?.isUsed ? undefined : response.#whole
  }
}

// Some programs read `response.constructor.name`.
Object.defineProperty(FastResponse, 'name', { value: 'Response' })

export const { wholeOf: fastBodyOf } = FastResponse

/** From now on `new Response` makes fast ones, in the whole process. */
export function installFastResponse(): void {
  globalThis.Response = FastResponse as unknown as typeof Response
}

/** Bytes are copied, since whoever made the response may change them. */
function wholeOf(body: unknown): Whole | undefined {
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return new Uint8Array(body)
  return body instanceof ArrayBuffer ? new Uint8Array(body.slice(0)) : undefined
}

function once(whole: Whole) {
  let left: Uint8Array | undefined = typeof whole === 'string' ? Buffer.from(whole) : whole
  return {
    async read() {
      const all = left
      left = undefined
      return all?.length === 0 ? undefined : all
    },
    cancel() {
      left = undefined
    },
  }
}

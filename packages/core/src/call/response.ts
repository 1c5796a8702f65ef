import { STATUS_CODES } from 'node:http'
import type { Body } from '../link/body.js'
import { byteString } from '../wire/http.js'
import type { Reply } from './attempt.js'

// Fetch standard section 2.2.3: with these a Response may have no body at all.
const nullBody = new Set([101, 103, 204, 205, 304])

export function fetchResponse(url: string, method: string, { code, headers, body }: Reply): Response {
  const bodiless = Buffer.isBuffer(body) && body.length === 0 && (method === 'HEAD' || nullBody.has(code))
  const origin = { url: withoutFragment(url), status: code }
  return new LazyResponse(origin, headers, bodiless ? null : body) as Overridden as Response
}

// The typings have properties where there are accessors, and those can't be overridden by accessors.
const Bodiless = Response as unknown as new (body: null) => object
type Overridden = Omit<Response, 'type' | 'redirected' | 'bytes'>

interface Origin {
  readonly url: string
  readonly status: number
}

/**
 * Node's own `Response` makes a stream of any body, which takes longer than a whole call. This one begins as a `Response`
 * without a body, holds bytes, and makes Node's own of them when somebody asks for more than bytes, text or JSON. It takes
 * any status: the constructor takes 200 to 599 only, and refuses a body beside 204 and the like, but a service may
 * answer so.
 */
class LazyResponse extends Bodiless implements Overridden {
  readonly #origin: Origin
  #rawHeaders: readonly string[]
  #headers: Headers | undefined
  #content: Buffer | Body | null
  /** Node's own, once it is made. */
  #real: Response | undefined
  #used = false

  constructor(origin: Origin, rawHeaders: readonly string[], content: Buffer | Body | null) {
    super(null)
    this.#origin = origin
    this.#rawHeaders = rawHeaders
    this.#content = content
    if (content !== null && !isBytes(content)) content.heldBy(this)
  }

  get url(): string {
    return this.#origin.url
  }

  get status(): number {
    return this.#origin.status
  }

  get statusText(): string {
    return STATUS_CODES[this.status] ?? ''
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299
  }

  get headers(): Headers {
    if (this.#headers === undefined) {
      this.#headers = new Headers()
      const raw = this.#rawHeaders
      for (let i = 0; i < raw.length; i += 2)
        this.#headers.append(raw[i] as string, byteString(raw[i + 1] as string))
      this.#rawHeaders = []
    }
    return this.#headers
  }

  get body(): Response['body'] {
    return this.#content === null ? null : this.#made().body
  }

  get bodyUsed(): boolean {
    return this.#used || this.#real?.bodyUsed === true
  }

  clone(): Response {
    if (this.bodyUsed) throw new TypeError('Response.clone: Body has already been consumed.')
    const copy = new LazyResponse(this.#origin, this.#rawHeaders, null)
    copy.#content = this.#content
    if (this.#headers) copy.#headers = new Headers(this.#headers)
    if (this.#real || !isBytes(this.#content)) copy.#real = this.#made().clone()
    return copy as Overridden as Response
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = this.#take()
    return bytes ? (Uint8Array.from(bytes).buffer as ArrayBuffer) : this.#made().arrayBuffer()
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer())
  }

  async text(): Promise<string> {
    const bytes = this.#take()
    return bytes ? decode(bytes) : this.#made().text()
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }

  async blob(): Promise<Blob> {
    return this.#made().blob()
  }

  async formData(): Promise<FormData> {
    return this.#made().formData()
  }

  /** The bytes, unless Node's own `Response` has them. */
  #take(): Buffer | undefined {
    const bytes = this.#content
    if (this.#real || !isBytes(bytes)) return undefined
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read')
    this.#used = true
    return bytes
  }

  #made(): Response {
    this.#real ??= this.#used ? spent() : this.#make(this.#content)
    return this.#real
  }

  #make(content: Buffer | Body | null): Response {
    const { headers } = this
    return new Response(content === null || isBytes(content) ? content : content.stream(), { headers })
  }
}

/** What Node's own is after its bytes were read. */
function spent(): Response {
  const response = new Response('')
  response.body?.getReader()
  return response
}

function isBytes(content: Buffer | Body | null): content is Buffer {
  return Buffer.isBuffer(content)
}

/** As the Encoding standard's "UTF-8 decode": a byte order mark is not part of the text. */
function decode(bytes: Buffer): string {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return bytes.toString('utf8', marked ? 3 : 0)
}

function withoutFragment(url: string): string {
  const hash = url.indexOf('#')
  return hash === -1 ? url : url.slice(0, hash)
}

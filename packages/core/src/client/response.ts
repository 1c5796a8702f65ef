import { STATUS_CODES } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { TextDecoder } from 'node:util'
import { byteString } from '../http/text.js'
import { withReason } from '../shared/abort.js'
import { type ByteSource, byteStream, LazyStream } from '../shared/byte-stream.js'
import type { ResponseBody } from '../transport/transport.js'
import type { FetchCall, Reply } from './call.js'
import { decoderFor } from './content-decoding.js'

// With these statuses a `Response` has no body (Fetch standard, section 2.2.3).
const nullBody = new Set([101, 103, 204, 205, 304])

/** What `Response` takes for a `statusText` (RFC 9112, section 4). */
const reasonPhrase = /^[\t\x20-\x7e\x80-\xff]+$/

/** The call that a response answers. */
type Answered = Pick<FetchCall, 'url' | 'method' | 'redirects' | 'decompress'> &
  Partial<Pick<FetchCall, 'signal'>>

export function fetchResponse(call: Answered, { code, message, headers, body }: Reply): Response {
  const isEmpty = Buffer.isBuffer(body) && body.length === 0
  const isNull = call.method === 'HEAD' || nullBody.has(code)
  const origin = {
    url: withoutFragment(call.url),
    status: code,
    statusText: message !== '' && reasonPhrase.test(message) ? message : (STATUS_CODES[code] ?? ''),
    redirected: call.redirects > 0,
  }
  const held = Buffer.isBuffer(body) ? undefined : body
  if (isEmpty && isNull) return made(origin, headers, null, held)
  const decode = call.decompress && !isEmpty && !isNull ? decoderFor(headers) : undefined
  const encoded = Buffer.isBuffer(body) ? once(body) : body
  const signal = call.signal ? withReason(call.signal) : undefined
  return made(origin, headers, decode?.(encoded, signal) ?? body, held)
}

interface ResponseOrigin {
  readonly url: string
  readonly status: number
  readonly statusText: string
  readonly redirected: boolean
}

type Content = Buffer | ByteSource | ReadableStream<Uint8Array> | null

function made(
  origin: ResponseOrigin,
  headers: readonly string[],
  content: Content,
  held: ResponseBody | undefined,
) {
  return new LazyResponse(origin, headers, content, held) as Overridden as Response
}

// The typings declare properties where there are accessors, and an accessor can't override a property.
type Overridden = Omit<Response, 'type' | 'bytes'>
interface Methods {
  arrayBuffer(): Promise<ArrayBuffer>
  blob(): Promise<Blob>
  formData(): Promise<FormData>
}
const Real = Response as unknown as new (body: LazyStream | null, init: ResponseInit) => Methods
const headersOf = Object.getOwnPropertyDescriptor(Response.prototype, 'headers')?.get as () => Headers

/**
 * Node's own `Response` makes a stream of any body, and copies all headers. This one is a real `Response` that gets its stream
 * and its headers when somebody asks for more than bytes, text or JSON. So the methods of `Response.prototype` work on it too.
 * It may have any status. The constructor takes only 200 to 599, and refuses a body with 204 and the like, but a service may
 * respond so.
 */
class LazyResponse extends Real implements Overridden {
  readonly #origin: ResponseOrigin
  readonly #rawHeaders: readonly string[]
  readonly #content: Content
  /** The body that is on its way. It is cancelled when the garbage collector takes its holder. */
  readonly #held: ResponseBody | undefined
  readonly #stream: LazyStream | null
  #isFilled = false

  constructor(
    origin: ResponseOrigin,
    rawHeaders: readonly string[],
    content: Content,
    held: ResponseBody | undefined,
  ) {
    const stream = content === null ? null : new LazyStream()
    super(stream, initOf(origin, content))
    this.#origin = origin
    this.#rawHeaders = rawHeaders
    this.#content = content
    this.#held = held
    this.#stream = stream
    stream?.belongsTo({ open: () => this.#open(), used: () => this.#fill() })
    held?.heldBy(this)
  }

  get url(): string {
    return this.#origin.url
  }

  get redirected(): boolean {
    return this.#origin.redirected
  }

  get status(): number {
    // Node's constructor reads it too.
    return #origin in this ? this.#origin.status : 0
  }

  get statusText(): string {
    return #origin in this ? this.#origin.statusText : ''
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299
  }

  get headers(): Headers {
    this.#fill()
    return headersOf.call(this)
  }

  get body(): Response['body'] {
    return this.#stream?.real ?? null
  }

  get bodyUsed(): boolean {
    return this.#stream?.isUsed ?? false
  }

  clone(): Response {
    const stream = this.#stream
    if (stream?.isUsed || stream?.isLocked) {
      throw new TypeError('Response.clone: Body has already been consumed.')
    }
    const headers = this.#isFilled ? [...this.headers].flat() : this.#rawHeaders
    const isShared = stream === null || (Buffer.isBuffer(this.#content) && !stream.isMade)
    return made(this.#origin, headers, isShared ? this.#content : stream.tee()[1], undefined)
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await this.#bytes()
    const { buffer } = bytes
    // Bytes that share their memory with others must be copied.
    if (
      buffer instanceof ArrayBuffer &&
      buffer.byteLength === bytes.length &&
      !Buffer.isBuffer(this.#content)
    )
      return buffer
    return new Uint8Array(bytes).buffer
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer())
  }

  async text(): Promise<string> {
    const taken = this.#take()
    return Buffer.isBuffer(taken) ? decode(taken) : textOf(await taken)
  }

  async json(): Promise<unknown> {
    const taken = this.#take()
    return JSON.parse(Buffer.isBuffer(taken) ? decode(taken) : await textOf(await taken))
  }

  override blob(): Promise<Blob> {
    this.#fill()
    return super.blob()
  }

  override formData(): Promise<FormData> {
    this.#fill()
    return super.formData()
  }

  async #bytes(): Promise<Buffer> {
    const taken = await this.#take()
    return Buffer.isBuffer(taken) ? taken : gather(taken)
  }

  /** Takes all bytes, or their source. It makes no stream if there is none yet. */
  #take(): Buffer | ByteSource | Promise<Buffer> {
    const stream = this.#stream
    const content = this.#content
    if (stream === null || content === null) return Buffer.alloc(0)
    if (stream.isLocked || stream.isUsed) throw new TypeError('Body is unusable: Body has already been read')
    if (stream.isMade || content instanceof ReadableStream)
      return super.arrayBuffer().then((bytes) => Buffer.from(bytes))
    stream.spend()
    if (Buffer.isBuffer(content)) return content
    this.#held?.heldBy(undefined)
    return content
  }

  #open(): ReadableStream<Uint8Array> {
    const content = this.#content as Exclude<Content, null>
    if (content instanceof ReadableStream) return content
    const stream = byteStream(Buffer.isBuffer(content) ? once(content) : content)
    this.#held?.heldBy(stream)
    return stream
  }

  #fill(): void {
    if (this.#isFilled) return
    this.#isFilled = true
    const headers = headersOf.call(this)
    const raw = this.#rawHeaders
    for (let i = 0; i < raw.length; i += 2) headers.append(raw[i] as string, byteString(raw[i + 1] as string))
  }
}

// Some programs read `response.constructor.name`: it is the one of `fetch`.
Object.defineProperty(LazyResponse.prototype, 'constructor', {
  value: Response,
  writable: true,
  configurable: true,
})

function initOf({ status, statusText }: ResponseOrigin, content: Content): ResponseInit {
  const isPossible = status >= 200 && status <= 599 && (content === null || !nullBody.has(status))
  return isPossible ? { status, statusText } : {}
}

function once(bytes: Buffer): ByteSource {
  let left: Buffer | undefined = bytes
  return {
    async read() {
      const all = left
      left = undefined
      return all
    },
    cancel() {
      left = undefined
    },
  }
}

async function gather(source: ByteSource): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The bytes of text that are decoded in one turn of the event loop. They take some milliseconds. */
const TURN_BYTES = 1024 * 1024

/** Decodes text of any size without blocking the event loop for long. A few bytes of gzip may unpack to a large text. */
async function textOf(source: Buffer | ByteSource): Promise<string> {
  if (Buffer.isBuffer(source)) return decode(source)
  let chunks: Uint8Array[] = []
  let size = 0
  let decoder: TextDecoder | undefined
  let text = ''
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
    chunks.push(chunk)
    size += chunk.length
    if (size < TURN_BYTES) continue
    decoder ??= new TextDecoder()
    try {
      text += decoder.decode(Buffer.concat(chunks), { stream: true })
    } catch (error) {
      // The text is longer than a string can be.
      source.cancel()
      throw error
    }
    chunks = []
    size = 0
    await setImmediate()
  }
  const rest = Buffer.concat(chunks)
  return decoder === undefined ? decode(rest) : text + decoder.decode(rest)
}

/** Does the Encoding standard's "UTF-8 decode": a byte order mark is not part of the text. */
function decode(bytes: Buffer): string {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return bytes.toString('utf8', marked ? 3 : 0)
}

function withoutFragment(url: string): string {
  const hash = url.indexOf('#')
  return hash === -1 ? url : url.slice(0, hash)
}

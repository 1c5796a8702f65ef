import type { IncomingMessage } from 'node:http'
import { type ByteSource, byteStream, LazyStream } from '../shared/byte-stream.js'
import { type SleuthError, sleuthError } from '../shared/errors.js'
import { giveAway } from '../shared/owned-memory.js'
import { StreamChunks } from '../shared/stream-chunks.js'

/** The body of a request. It has a stream only for those who ask for one. */
export class RequestBody {
  /** Null for a request whose method has no body. */
  readonly stream: LazyStream | null
  readonly #req: IncomingMessage

  constructor(req: IncomingMessage) {
    this.#req = req
    this.stream = req.method === 'GET' || req.method === 'HEAD' ? null : new LazyStream()
    this.stream?.belongsTo({ open: () => byteStream(new MessageSource(req)), used: () => {} })
  }

  get isUsed(): boolean {
    return this.stream?.isUsed ?? false
  }

  /** All bytes, without a stream; or undefined if there is a stream to read them from. */
  take(): Promise<Buffer> | undefined {
    const { stream } = this
    if (stream === null) return Promise.resolve(Buffer.alloc(0))
    if (stream.isLocked || stream.isUsed) throw new TypeError('Body is unusable: Body has already been read')
    if (stream.isMade) return undefined
    stream.spend()
    return gather(this.#req)
  }
}

/** The body as it comes. */
class MessageSource implements ByteSource {
  readonly #req: IncomingMessage
  #chunks: StreamChunks | undefined

  constructor(req: IncomingMessage) {
    this.#req = req
  }

  #open(): StreamChunks {
    const tooLate = lateError(this.#req)
    if (tooLate !== undefined) throw tooLate
    return new StreamChunks(this.#req)
  }

  async read(): Promise<Uint8Array | undefined> {
    this.#chunks ??= this.#open()
    try {
      const { value, done } = await this.#chunks.next()
      return done ? undefined : (value as Buffer)
    } catch (error) {
      throw cutError(this.#req, error)
    }
  }

  /** Nobody reads the rest. As in a Node listener, it is thrown away, and the response goes on. */
  cancel(): void {
    if (this.#chunks === undefined) this.#req.resume()
    else this.#chunks.skip()
  }
}

/** By events, since an iterator takes as long as the rest of a small call. */
function gather(req: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLate = lateError(req)
    if (tooLate !== undefined) {
      reject(tooLate)
      return
    }
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : giveAway(Buffer.concat(chunks)))
    })
    req.on('error', (error) => reject(cutError(req, error)))
    req.on('close', () => {
      if (!req.readableEnded) reject(cutError(req))
    })
  })
}

/** Why a body that nobody has read yet can not be read any more. */
function lateError(req: IncomingMessage): SleuthError | undefined {
  if (req.readableEnded) return bodyError(req, 'the response is over, and what was not read by then is gone')
  return req.destroyed ? cutError(req, req.errored) : undefined
}

function cutError(req: IncomingMessage, cause?: unknown): SleuthError {
  return bodyError(
    req,
    'the caller hung up, or the request was aborted, before it was read to its end',
    cause,
  )
}

function bodyError({ method = '', url = '' }: IncomingMessage, why: string, cause?: unknown): SleuthError {
  return sleuthError('SLEUTH_REQUEST_BODY', { method, url, why }, { cause: cause ?? undefined })
}

/** Does the Encoding standard's "UTF-8 decode": a byte order mark is not part of the text. */
export function decode(bytes: Buffer): string {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return bytes.toString('utf8', marked ? 3 : 0)
}

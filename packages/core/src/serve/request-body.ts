import type { IncomingMessage } from 'node:http'
import { byteStream, LazyStream } from '../shared/byte-stream.js'
import { giveAway } from '../shared/owned-memory.js'
import { cutError, lateError } from './body-errors.js'
import type { Hangup } from './hangup.js'
import { MessageSource } from './message-source.js'

/** The body of a request. It has a stream only for those who ask for one. */
export class RequestBody {
  /** Null for a request whose method has no body. */
  readonly stream: LazyStream | null
  readonly #req: IncomingMessage

  constructor(req: IncomingMessage, hangup: Hangup) {
    this.#req = req
    this.stream = req.method === 'GET' || req.method === 'HEAD' ? null : new LazyStream()
    this.stream?.belongsTo({ open: () => byteStream(new MessageSource(req, hangup)), used: () => {} })
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

/** Does the Encoding standard's "UTF-8 decode": a byte order mark is not part of the text. */
export function decode(bytes: Buffer): string {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return bytes.toString('utf8', marked ? 3 : 0)
}

import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import zlib from 'node:zlib'
import type { AbortLike } from '../shared/abort.js'
import type { ByteSource } from '../shared/byte-stream.js'

type Coder = (first: Uint8Array) => Transform

const { constants } = zlib

// As in undici, curl and browsers: if the data breaks off, the reader gets what has come.
const lenient = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }
const brotli = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
}

const gunzip: Coder = () => zlib.createGunzip(lenient)

/** RFC 9110 says zlib, but some servers send the bare data. The header of zlib begins with an 8 (RFC 1950). */
const inflate: Coder = ([first = 0]) =>
  (first & 0x0f) === 8 ? zlib.createInflate(lenient) : zlib.createInflateRaw(lenient)

const coders = new Map<string, Coder>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', () => zlib.createBrotliDecompress(brotli)],
])

/** From Node 22.15 on. */
const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform }
if (createZstdDecompress !== undefined) coders.set('zstd', () => createZstdDecompress())

/** The most codings on one body that are undone: each costs memory. */
const most = 5

type Decoder = (encoded: ByteSource, signal?: AbortLike) => ByteSource

/** Undoes the codings that `content-encoding` names. Undefined if there are none, or if one of them is unknown. */
export function decoderFor(headers: readonly string[]): Decoder | undefined {
  let named = ''
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (name.length === 16 && name.toLowerCase() === 'content-encoding') named += `,${headers[i + 1]}`
  }
  if (named === '') return undefined
  const codings = named.slice(1).toLowerCase().split(',')
  const known: Coder[] = []
  for (const coding of codings) {
    const coder = coders.get(coding.trim())
    if (coder === undefined) return undefined
    known.push(coder)
  }
  if (known.length > most) return () => refused(known.length)
  return (encoded, signal) =>
    known.reduceRight<ByteSource>((source, coder) => new Decoded(source, coder, signal), encoded)
}

function refused(count: number): ByteSource {
  const cause = new Error(`content-encoding names ${count} codings, which is more than ${most}`)
  return { read: () => Promise.reject(new TypeError('terminated', { cause })), cancel() {} }
}

/** Undoes one coding. It reads and unpacks only what is asked for, so that a bomb does not fill the memory. */
class Decoded implements ByteSource {
  readonly #encoded: ByteSource
  readonly #coder: Coder
  /** The session fails the bytes that are still on their way. This fails those that have come and are not unpacked yet. */
  readonly #signal: AbortLike | undefined
  #chunks: AsyncIterator<Uint8Array> | undefined
  #stop: (() => void) | undefined
  /** Why the encoded bytes could not be read. */
  #failure: { readonly error: unknown } | undefined
  #over = false

  constructor(encoded: ByteSource, coder: Coder, signal: AbortLike | undefined) {
    this.#encoded = encoded
    this.#coder = coder
    this.#signal = signal
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#over) return undefined
    this.#checkSignal()
    this.#chunks ??= await this.#begin()
    const chunks = this.#chunks
    if (chunks === undefined || this.#over) return undefined
    try {
      const { done, value } = await chunks.next()
      if (!done) {
        this.#checkSignal()
        return value
      }
      // Bytes after the end of the coding are ignored.
      this.cancel()
      return undefined
    } catch (error) {
      if (this.#signal?.aborted) throw this.#signal.reason
      if (this.#over) return undefined
      this.cancel()
      throw this.#failure === undefined ? new TypeError('terminated', { cause: error }) : this.#failure.error
    }
  }

  cancel(): void {
    if (this.#over) return
    this.#over = true
    this.#stop?.()
    this.#encoded.cancel()
  }

  #checkSignal(): void {
    if (!this.#signal?.aborted) return
    this.cancel()
    throw this.#signal.reason
  }

  /** Undefined if there are no bytes at all, which is not an error. */
  async #begin(): Promise<AsyncIterator<Uint8Array> | undefined> {
    const first = await this.#encoded.read()
    if (first === undefined || this.#over) return undefined
    const input = Readable.from(this.#rest(first), { objectMode: false })
    const output = this.#coder(first)
    this.#stop = () => {
      input.destroy()
      output.destroy()
    }
    // The reader of the output learns of it.
    pipeline(input, output).catch(() => {})
    return output[Symbol.asyncIterator]()
  }

  async *#rest(first: Uint8Array): AsyncGenerator<Uint8Array> {
    let chunk: Uint8Array | undefined = first
    try {
      while (chunk !== undefined) {
        yield chunk
        chunk = await this.#encoded.read()
      }
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }
}

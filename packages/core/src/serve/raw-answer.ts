import { endToEnd } from '../wire/hop-by-hop.js'
import type { Done, Reply } from './types.js'

/** As long as Node lets the head of a message be. */
const longestHead = 16_384

const statusLine = /^HTTP\/1\.[01] (\d{3})(?: ([^\r\n]*))?$/
const field = /^([\^_`a-zA-Z\-0-9!#$%&'*+.|~]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/

/**
 * A response that the handler writes to the socket itself, as text, past its `ServerResponse`: Fastify
 * documents that for `reply.hijack()`. This is the only text of HTTP that is ever read here, and it is read
 * plainly: no chunks, no upgrade.
 */
export class RawAnswer {
  readonly #reply: Reply
  #text: Buffer | null = Buffer.alloc(0)
  #length: number | null = null
  #sent = 0

  constructor(reply: Reply) {
    this.#reply = reply
  }

  /** The head was whole, and has gone. */
  get headed(): boolean {
    return this.#text === null
  }

  /** All that `content-length` announced was written. */
  get complete(): boolean {
    return this.#length !== null && this.#sent >= this.#length
  }

  /** The end of the socket is the end of the response. */
  get endsWithSocket(): boolean {
    return this.headed && this.#length === null
  }

  data(chunks: readonly Buffer[], done: Done): void {
    const bytes = Buffer.concat(this.#text === null ? chunks : [this.#text, ...chunks])
    if (this.#text === null) {
      this.#body(bytes, done)
      return
    }
    this.#text = bytes
    const end = bytes.indexOf('\r\n\r\n')
    if (end === -1 && bytes.length <= longestHead) done()
    else if (end !== -1 && this.#head(bytes.toString('latin1', 0, end)))
      this.#body(bytes.subarray(end + 4), done)
    else
      done(
        new Error('What the handler wrote to its socket is no plain HTTP response: use the response object.'),
      )
  }

  #head(text: string): boolean {
    const [first = '', ...lines] = text.split('\r\n')
    const line = statusLine.exec(first)
    if (line === null) return false
    const headers: string[] = []
    for (const one of lines) {
      const [, name, value] = field.exec(one) ?? []
      if (name === undefined || value === undefined || /^transfer-encoding$/i.test(name)) return false
      if (/^content-length$/i.test(name)) this.#length = Number(value)
      headers.push(name, value)
    }
    this.#text = null
    this.#reply.head(Number(line[1]), line[2] ?? '', endToEnd(headers))
    return true
  }

  #body(bytes: Buffer, done: Done): void {
    const left = this.#length === null ? bytes.length : Math.max(this.#length - this.#sent, 0)
    const taken = bytes.subarray(0, left)
    this.#sent += taken.length
    if (taken.length > 0) this.#reply.data([taken], done)
    else done()
  }
}

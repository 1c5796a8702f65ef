import { validateHeaderName, validateHeaderValue } from 'node:http'
import {
  connectionKinds,
  contentLength,
  endToEnd,
  type FieldKind,
  fieldKind,
  invalidInValue,
  isConnection,
  isContentLength,
  isLength,
  without,
  withoutInvalid,
} from '../http/headers.js'
import { trim } from '../http/text.js'
import { reasonOf, type SleuthError, sleuthError } from '../shared/errors.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { VERSION } from '../shared/version.js'
import type { HeadersInput } from '../types.js'
import { enforceLength, isStreamed, type ReadBody, type Streamed } from './body.js'

/** The `user-agent` of calls that set none. */
const product = `sleuth/${VERSION}`

/** Throws if it is not a name of a header. */
function kindOf(name: string): FieldKind {
  const kind = typeof name === 'string' ? fieldKind(name) : 'invalid'
  if (kind === 'invalid') check(() => validateHeaderName(name))
  return kind
}

// Node's `http` checks values like this.
const badValue = /[^\t\x20-\x7e\x80-\xff]/

/** The characters that `fetch` removes from both ends of a value (Fetch standard, section 2.2.2). */
const padding = ' \t\r\n'

type Values = string | number | readonly string[] | undefined

/**
 * The headers of a request as a wire carries them: without those about a connection, and without `host`, which is the service.
 * As in `fetch`, `accept` and `user-agent` are added if the caller sets none.
 */
export class RequestHeaders {
  /** Names and values alternate. Other calls may share the list. */
  fields: string[] = []
  /** Each `content-length` that the caller set. The body shows whether it is true. */
  readonly lengths: string[] = []
  hasType = false
  #accepts = false
  #named = false
  #connected = false

  /** Throws for a header that cannot be sent. */
  static from(input: HeadersInput | RequestInit['headers']): RequestHeaders {
    return input === undefined || input === null ? none : RequestHeaders.given(input).#complete()
  }

  /** Without those that are added if the caller sets none. */
  static given(input: HeadersInput | RequestInit['headers']): RequestHeaders {
    if (input === undefined || input === null) return new RequestHeaders()
    if (typeof input !== 'object') throw badHeaders('must be an object, a Map, a Headers or a list of pairs')
    const headers = new RequestHeaders()
    const entries = entriesOf(input)
    if (entries === undefined) {
      for (const name of Object.keys(input)) headers.#add(name, (input as Record<string, Values>)[name])
      return headers
    }
    for (const entry of entries) {
      if (!Array.isArray(entry) || entry.length !== 2)
        throw badHeaders('must be a list of pairs: [name, value]')
      headers.#add(entry[0], entry[1] as Values)
    }
    return headers
  }

  get(name: string): string | undefined {
    const lowerName = name.toLowerCase()
    for (let i = 0; i < this.fields.length; i += 2)
      if ((this.fields[i] as string).toLowerCase() === lowerName) return this.fields[i + 1]
    return lowerName === 'content-length' ? this.lengths[0] : undefined
  }

  without(isOut: (lowerName: string) => boolean): RequestHeaders {
    return this.#copy(isOut).#complete()
  }

  /** With this value in place of all values of that name. Throws if it can not be sent. */
  replaced(name: string, value: string): RequestHeaders {
    const lowerName = name.toLowerCase()
    const headers = this.#copy((other) => other === lowerName)
    headers.#add(name, value)
    return headers.#complete()
  }

  #copy(isOut: (lowerName: string) => boolean): RequestHeaders {
    const headers = new RequestHeaders()
    const { fields, lengths } = this
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string
      if (!isOut(name.toLowerCase())) headers.#add(name, fields[i + 1])
    }
    if (!isOut('content-length')) headers.lengths.push(...lengths)
    return headers
  }

  /**
   * The fields that go with a body. A `content-length` goes if it is true. A stream of unknown length must have the length that
   * it tells. `inherited`: fields that are added if the caller sets none of that name.
   */
  with(body: ReadBody | Streamed, inherited: readonly string[]): readonly string[] {
    const type = this.hasType ? undefined : body.type
    const length = this.lengths.length === 0 ? undefined : trueLength(this.lengths, body)
    if (inherited.length === 0 && type === undefined && length === undefined) return this.fields
    const fields = [...this.fields]
    for (let i = 0; i < inherited.length; i += 2) {
      const name = inherited[i] as string
      if (!hasHeader(this.fields, name)) fields.push(name, checked(name, inherited[i + 1] as string))
    }
    if (type !== undefined) fields.push('Content-Type', type)
    if (length !== undefined) fields.push('Content-Length', length)
    return fields
  }

  #add(name: string, values: Values): void {
    if (values === undefined) return
    if (Array.isArray(values)) for (const value of values) this.#addOne(name, value)
    else this.#addOne(name, values as string | number)
  }

  #addOne(name: string, given: string | number): void {
    const kind = kindOf(name)
    const value = checked(name, trimmed(String(given)))
    switch (kind) {
      case 'host':
        return
      case 'content-length':
        this.lengths.push(value)
        return
      case 'connection':
      case 'hop-by-hop':
      case 'trailer':
      case 'transfer-encoding':
        checkUpgrade(name, value)
        this.#connected = true
        break
      case 'content-type':
        this.hasType = true
        break
      case 'accept':
        this.#accepts = true
        break
      case 'user-agent':
        this.#named = true
    }
    this.fields.push(name, value)
  }

  #complete(): this {
    if (this.#connected) this.fields = endToEnd(this.fields)
    if (!this.#accepts) this.fields.push('accept', '*/*')
    if (!this.#named) this.fields.push('user-agent', product)
    return this
  }
}

const none = RequestHeaders.from({})

/** The `Headers` of some packages have `entries`, but no iterator. Undefined for a plain object. */
function entriesOf(input: object): Iterable<unknown> | undefined {
  if (Symbol.iterator in input) return input as Iterable<unknown>
  const { entries } = input as { entries?: unknown }
  return typeof entries === 'function' ? entries.call(input) : undefined
}

function checked(name: string, value: string): string {
  if (badValue.test(value)) check(() => validateHeaderValue(name, value))
  return value
}

export function hasHeader(fields: readonly string[], lowerName: string): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) return true
  }
  return false
}

function trimmed(value: string): string {
  const isPadded = value.charCodeAt(0) <= 0x20 || value.charCodeAt(value.length - 1) <= 0x20
  return isPadded ? trim(value, padding) : value
}

function trueLength(lengths: readonly string[], body: ReadBody | Streamed): string | undefined {
  const [first = ''] = lengths
  const length = isStreamed(body) ? body.length : body.bytes.length
  if (lengths.length === 1 && first === String(length)) return first
  if (isStreamed(body) && length === undefined) {
    const said = contentLength(lengths.flatMap((value) => ['content-length', value]))
    if (typeof said !== 'number') throw badHeaders('must have one content-length at most, in digits')
    enforceLength(body, said)
  }
  return undefined
}

const upgrades = /(?:^|[\s,])upgrade(?:$|[\s,])/i

function checkUpgrade(name: string, value: string): void {
  if (name.length === 7 && name.toLowerCase() === 'upgrade') throw notCarried('the header upgrade')
  if (isConnection(name) && upgrades.test(value)) throw notCarried('the header connection: upgrade')
}

export function notCarried(what: string) {
  return sleuthError('SLEUTH_UPGRADE', { what })
}

function check(validate: () => void): void {
  try {
    validate()
  } catch (error) {
    throw badHeaders(`can not be sent: ${reasonOf(error)}`)
  }
}

function badHeaders(problem: string) {
  return sleuthError('SLEUTH_ARGUMENT', { argument: 'headers', problem })
}

/** The limits of a response's head: the same as those of a request's. */
type Limits = Pick<CheckedOptions['limits'], 'headers' | 'headerBytes'>

/** Counts what is dropped, by reason. */
interface DropCounter {
  dropped(reason: string): void
}

/**
 * The headers of a response as its caller gets them: without those that HTTP can't carry or that are about a connection, and
 * with a true `content-length`. `length`: that of the body, if it is known. Returns an error if the head is larger than the
 * limits allow.
 */
export function receivedHeaders(
  headers: string[],
  length: number | undefined,
  limits: Limits,
  counters: DropCounter,
): string[] | SleuthError {
  let bytes = 0
  let lengths = 0
  let isRight = true
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    bytes += name.length + value.length
    if (!isRight) continue
    const kind = fieldKind(name)
    if (kind === 'content-length')
      isRight = ++lengths === 1 && (length === undefined ? isLength(value) : value === String(length))
    else isRight = kind !== 'invalid' && !connectionKinds.has(kind) && !invalidInValue.test(value)
  }
  const isTooMany = headers.length > limits.headers * 2
  if (isTooMany || bytes > limits.headerBytes) return headTooLarge(isTooMany, limits, counters)
  return isRight ? headers : sanitized(headers, length, counters)
}

/** The error tells that the request has run. */
function headTooLarge(isTooMany: boolean, limits: Limits, counters: DropCounter): SleuthError {
  counters.dropped('reply-head')
  const values = {
    what: 'the head of the response',
    limit: isTooMany ? 'headers' : 'headerBytes',
    size: isTooMany ? `${limits.headers} headers` : `${limits.headerBytes} bytes`,
  }
  return sleuthError('SLEUTH_TOO_LARGE', values, { codes: [1007, 934], mayHaveRun: true })
}

function sanitized(headers: string[], length: number | undefined, counters: DropCounter): string[] {
  const valid = withoutInvalid(headers)
  if (valid.length < headers.length) counters.dropped('reply-header')
  const carried = endToEnd(valid)
  const said = contentLength(carried)
  if (said === length || said === undefined) return carried
  if (length === undefined && said !== null) return carried
  const others = without(carried, isContentLength)
  return length === undefined ? others : [...others, 'Content-Length', String(length)]
}

/** Whether `content-length` is the length of this body. In a response to HEAD, and with these statuses, it is that of another. */
export function isMeasured(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304
}

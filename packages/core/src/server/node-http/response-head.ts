import { validateHeaderName, validateHeaderValue } from 'node:http'
import { connectionKinds, type FieldKind, fieldKind, withoutNamed } from '../../http/headers.js'

/**
 * The fields of Node's `OutgoingMessage`, private ones among them, from which the head of a response is made.
 */
export interface HeadState {
  statusCode: number
  sendDate: boolean
  chunkedEncoding: boolean
  shouldKeepAlive: boolean
  useChunkedEncodingByDefault: boolean
  _header: string | null
  _headerSent: boolean
  _last: boolean
  _hasBody: boolean
  _contentLength: number | null
  _removedConnection: boolean
  _removedContLen: boolean
  _removedTE: boolean
  getHeaderNames(): string[]
}

type Entries = Record<string, unknown> | unknown[] | undefined | null

/** The head at the moment when it is written. What the handler sets later does not change it. */
export interface StoredHead {
  status: number
  message: string
  fields: string[]
  /** HTTP/1.1 would send the body in chunks. */
  chunked: boolean
}

interface Head {
  /** The fields that are sent: names and values alternate. */
  readonly fields: string[]
  /** The text for `res._header`. Middleware reads it, mostly to learn whether the head is written. */
  text: string
  length: boolean
  encoding: boolean
  date: boolean
  trailer: boolean
  connection: string
}

/**
 * Takes the place of `OutgoingMessage.prototype._storeHeader`: the last step of `writeHead`, where Node writes the head as
 * text. It makes a list by the same rules. The wire does the framing, so the response never has the chunked encoding.
 */
export function storeHeader(res: HeadState, statusLine: string, given: Entries): StoredHead {
  const head: Head = {
    fields: [],
    text: statusLine,
    length: false,
    encoding: false,
    date: false,
    trailer: false,
    connection: '',
  }
  // If headers were set one by one, `given` is Node's own map of checked entries: from the lower-case name to
  // [name, value].
  if (res.getHeaderNames().length > 0) addChecked(res, head, given as Record<string, [string, unknown]>)
  else if (Array.isArray(given)) addArray(res, head, given)
  else if (given) for (const name of Object.keys(given)) add(res, head, name, given[name], true)

  if (res.sendDate && !head.date) addLine(head, 'Date', httpDate(), true)
  const chunked = frame(res, head)
  if (head.trailer && !chunked) throw invalidTrailer()
  res.chunkedEncoding = false
  res._header = `${head.text}\r\n`
  res._headerSent = false
  const { fields, connection } = head
  return {
    status: Number(statusLine.slice(9, 12)),
    message: statusLine.slice(13, -2),
    fields: connection === '' ? fields : withoutNamed(fields, connection),
    chunked,
  }
}

function addChecked(res: HeadState, head: Head, entries: Record<string, [string, unknown]>): void {
  for (const key in entries) {
    const entry = entries[key] as [string, unknown]
    add(res, head, entry[0], entry[1], false)
  }
}

function addArray(res: HeadState, head: Head, list: unknown[]): void {
  if (Array.isArray(list[0])) {
    for (const [name, value] of list as [string, unknown][]) add(res, head, name, value, true)
    return
  }
  if (list.length % 2 !== 0) throw oddHeaders(list)
  for (let i = 0; i < list.length; i += 2) add(res, head, list[i] as string, list[i + 1], true)
}

function add(res: HeadState, head: Head, name: string, value: unknown, check: boolean): void {
  if (check) validateHeaderName(name)
  if (!Array.isArray(value)) {
    addOne(res, head, name, value, check)
  } else if (value.length > 1 && name.length === 6 && name.toLowerCase() === 'cookie') {
    addOne(res, head, name, value.join('; '), check)
  } else {
    for (const one of value) addOne(res, head, name, one, check)
  }
}

function addOne(res: HeadState, head: Head, name: string, value: unknown, check: boolean): void {
  if (check) validateHeaderValue(name, value as string)
  const text = `${value}`
  // An object may return another text than the one that was checked.
  if (typeof value === 'object') validateHeaderValue(name, text)
  const kind = fieldKind(name)
  if (framing.has(kind)) note(res, head, kind, text)
  addLine(head, name, text, kind !== 'own' && !connectionKinds.has(kind))
}

const framing = new Set<FieldKind>(['connection', 'content-length', 'date', 'trailer', 'transfer-encoding'])

function addLine(head: Head, name: string, value: string, isCarried: boolean): void {
  head.text += `${name}: ${value}\r\n`
  if (isCarried) head.fields.push(name, value)
}

/** Remembers what the framing depends on, as Node's `matchHeader` does. */
function note(res: HeadState, head: Head, kind: FieldKind, value: string): void {
  switch (kind) {
    case 'date':
      head.date = true
      break
    case 'trailer':
      head.trailer = true
      break
    case 'connection':
      head.connection += `,${value}`
      res._removedConnection = false
      if (/(?:^|\W)close(?:$|\W)/i.test(value)) res._last = true
      else res.shouldKeepAlive = true
      break
    case 'content-length':
      head.length = true
      res._contentLength = +value
      res._removedContLen = false
      break
    case 'transfer-encoding':
      head.encoding = true
      res._removedTE = false
      if (/(?:^|\W)chunked(?:$|\W)/i.test(value)) res.chunkedEncoding = true
      break
  }
}

/** Adds `Content-Length` where Node would. Returns whether Node would send the body in chunks. */
function frame(res: HeadState, head: Head): boolean {
  const bodiless = res.chunkedEncoding && (res.statusCode === 204 || res.statusCode === 304)
  if (bodiless) res.shouldKeepAlive = false
  res._last = isLast(res, head)
  if (bodiless) return false
  if (head.length || head.encoding) return res.chunkedEncoding
  if (!res._hasBody) return false
  if (!res.useChunkedEncodingByDefault) {
    res._last = true
    return false
  }
  if (!head.trailer && !res._removedContLen && typeof res._contentLength === 'number') {
    addLine(head, 'Content-Length', String(res._contentLength), true)
    return res.chunkedEncoding
  }
  if (res._removedTE) res._last = true
  return !res._removedTE || res.chunkedEncoding
}

/** Whether Node would close the connection after this response. */
function isLast(res: HeadState, head: Head): boolean {
  if (res._removedConnection) return !res.shouldKeepAlive
  if (head.connection !== '') return res._last
  return !res.shouldKeepAlive || !(head.length || res.useChunkedEncodingByDefault)
}

let second = 0
let date = ''

/** The time for a `Date` field. Its text is made once a second. */
function httpDate(): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    date = new Date(now * 1000).toUTCString()
  }
  return date
}

function invalidTrailer(): Error {
  const message = 'Trailers are invalid with this transfer encoding'
  return Object.assign(new Error(message), { code: 'ERR_HTTP_TRAILER_INVALID' })
}

function oddHeaders(headers: unknown[]): Error {
  const message = `The argument 'headers' is invalid. Received ${headers.length} names and values`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' })
}

import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { RawHeaders } from '../http/text.js'
import { trim } from '../http/text.js'
import { reasonOf, sleuthError } from '../shared/errors.js'
import type { HeadersInput } from '../types.js'

type Values = string | number | readonly string[] | undefined

/** Names and values by turns, each checked as Node's `http` checks them. */
export function rawHeaders(input: HeadersInput | RequestInit['headers']): RawHeaders {
  const raw: RawHeaders = []
  if (input === undefined || input === null) return raw
  if (typeof input !== 'object') throw badHeaders('must be an object, a Map, a Headers or a list of pairs')
  const entries: Iterable<unknown> = Symbol.iterator in input ? input : entriesOf(input)
  for (const entry of entries) {
    if (!Array.isArray(entry) || entry.length !== 2)
      throw badHeaders('must be a list of pairs: [name, value]')
    addHeader(raw, entry[0], entry[1] as Values)
  }
  return raw
}

/** The `Headers` of some packages have `entries` and can't be iterated. */
function entriesOf(input: object): Iterable<unknown> {
  const { entries } = input as { entries?: unknown }
  return typeof entries === 'function' ? entries.call(input) : Object.entries(input)
}

/** What `fetch` takes off a value (Fetch standard, section 2.2.2), and nothing else that JavaScript holds for a space. */
const padding = ' \t\r\n'

/** Adds one header, with one value or several. */
export function addHeader(raw: RawHeaders, name: string, values: Values): void {
  if (values === undefined) return
  for (const value of Array.isArray(values) ? values : [values]) {
    const text = trim(String(value), padding)
    try {
      validateHeaderName(name)
      validateHeaderValue(name, text)
    } catch (error) {
      throw badHeaders(`can not be sent: ${reasonOf(error)}`)
    }
    raw.push(name, text)
  }
}

function badHeaders(problem: string) {
  return sleuthError('SLEUTH_ARGUMENT', { argument: 'headers', problem })
}

export function hasHeader(raw: readonly string[], name: string): boolean {
  for (let i = 0; i < raw.length; i += 2) {
    const one = raw[i] as string
    if (one.length === name.length && one.toLowerCase() === name) return true
  }
  return false
}

// Node keeps the first of these and drops the rest (IncomingMessage, matchKnownFields).
const single = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
])

/** As `http.IncomingMessage.headers` gives them. */
export function joinHeaders(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  const cookies: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    const value = raw[i + 1] as string
    if (name === 'set-cookie') {
      cookies.push(value)
      headers[name] = cookies
      continue
    }
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (name === '__proto__') define(headers, name, before === undefined ? value : `${before}, ${value}`)
    else if (before === undefined) headers[name] = value
    else if (!single.has(name)) headers[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return headers
}

/** An assignment would set the prototype. */
function define(headers: object, name: string, value: string): void {
  Object.defineProperty(headers, name, { value, writable: true, enumerable: true, configurable: true })
}

/** With the type that `fetch` would add. What was given is left as it is. */
export function typedHeaders(headers: readonly string[], type: string | undefined): readonly string[] {
  return type === undefined || hasHeader(headers, 'content-type')
    ? headers
    : [...headers, 'Content-Type', type]
}

/** A request as a case writes it: nothing is normalised, added or decoded on the way to a wire. */
export interface Request {
  readonly method: string
  /** Path and query, exactly as they are to reach the app. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Body
}

/** `whole` goes with a content-length, `chunks` as a stream of unknown length. */
export type Body = { readonly whole: Buffer } | { readonly chunks: readonly Buffer[] } | undefined

/** What came back: header names in lower case, the body as it was on the wire (no content decoding). */
export interface Answer {
  readonly status: number
  /** The text of the status. Undefined: this way to call does not tell it. */
  readonly statusText?: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

type Headers = Request['headers']

export function request(method: string, path: string, headers: Headers = {}, body?: Body): Request {
  return { method, path, headers, body }
}

export function get(path: string, headers?: Headers): Request {
  return request('GET', path, headers)
}

export function head(path: string, headers?: Headers): Request {
  return request('HEAD', path, headers)
}

export function post(path: string, type: string, content: string | Buffer, headers: Headers = {}): Request {
  return request('POST', path, { 'Content-Type': type, ...headers }, whole(content))
}

export function whole(content: string | Buffer): Body {
  return { whole: Buffer.from(content as string) }
}

export function chunks(...content: readonly (string | Buffer)[]): Body {
  return { chunks: content.map((chunk) => Buffer.from(chunk as string)) }
}

/** One header of an answer as a single string, empty when it is not there. */
export function header(answer: Answer | undefined, name: string): string {
  const value = answer?.headers[name]
  return typeof value === 'string' ? value : (value ?? []).join(', ')
}

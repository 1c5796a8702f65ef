import { createRequire } from 'node:module'

const { HTTPParser } = createRequire(import.meta.url)('_http_common')

/** What Node's own parser makes of a request head; throws if it would answer it with 400. */
export function parse({ method, url, rawHeaders }) {
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  const text = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')

  const headers = []
  let seen
  let path = ''
  const parser = new HTTPParser()
  parser.initialize(HTTPParser.REQUEST, {})
  // In parts when there are many of them.
  parser[HTTPParser.kOnHeaders] = (some, part) => {
    headers.push(...some)
    path += part
  }
  parser[HTTPParser.kOnHeadersComplete] = (_major, _minor, some, index, whole) => {
    headers.push(...(some ?? []))
    seen = { method: HTTPParser.methods?.[index] ?? METHODS[index], url: whole || path, headers }
    return 0
  }
  const result = parser.execute(text)
  parser.close()
  if (result instanceof Error)
    throw new Error(`Node's parser says ${result.code}: ${JSON.stringify(text.toString('latin1'))}`)
  if (seen === undefined)
    throw new Error(`Node's parser wants more of ${JSON.stringify(text.toString('latin1'))}`)
  return seen
}

const METHODS = createRequire(import.meta.url)('_http_common').methods

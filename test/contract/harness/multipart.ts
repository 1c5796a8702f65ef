import { post, type Request } from './message.js'

export interface Part {
  readonly name: string
  readonly content: string | Buffer
  readonly filename?: string
  readonly type?: string
}

/** A multipart/form-data request with a boundary that is always the same (RFC 7578). */
export function multipart(path: string, parts: readonly Part[]): Request {
  const boundary = '----the-boundary-of-the-contract'
  const lines = parts.flatMap(({ name, content, filename, type }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"`),
    Buffer.from(filename === undefined ? '' : `; filename="${filename}"`),
    Buffer.from(type === undefined ? '\r\n\r\n' : `\r\nContent-Type: ${type}\r\n\r\n`),
    Buffer.from(content as string),
    Buffer.from('\r\n'),
  ])
  const body = Buffer.concat([...lines, Buffer.from(`--${boundary}--\r\n`)])
  return post(path, `multipart/form-data; boundary=${boundary}`, body)
}

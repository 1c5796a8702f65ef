import http from 'node:http'
import { createRequire } from 'node:module'
import type { Answer, Request } from './message.js'
import type { Wire } from './wire.js'

const { version } = createRequire(import.meta.url)('@sleuth/core/package.json')

const product = `sleuth/${version}`

/**
 * Real HTTP to 127.0.0.1: no redirects, no decoding, a connection for each request. `host`, `accept` and `user-agent` are
 * those that a caller over sleuth would give, so that both sides see the same.
 */
export function httpWire(port: number, host: string, name = 'http'): Wire {
  return { name, exactPath: true, whole: false, sleuth: false, send: (request) => send(port, host, request) }
}

function send(port: number, host: string, { method, path, headers, body }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent: http.OutgoingHttpHeaders = { Host: host, ...(headers as http.OutgoingHttpHeaders) }
    const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
    if (!given.has('accept')) sent.accept = '*/*'
    if (!given.has('user-agent')) sent['user-agent'] = product
    if (body && 'whole' in body) sent['Content-Length'] = body.whole.length
    const outgoing = http.request({ host: '127.0.0.1', port, method, path, headers: sent, agent: false })
    outgoing.on('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode: status = 0, statusMessage: statusText, headers } = response
        resolve({ status, statusText, headers, body: Buffer.concat(parts) })
      })
    })
    outgoing.on('error', reject)
    if (body && 'chunks' in body) for (const chunk of body.chunks) outgoing.write(chunk)
    outgoing.end(body && 'whole' in body ? body.whole : undefined)
  })
}

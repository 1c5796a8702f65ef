import type { IncomingMessage } from 'node:http'
import type { SleuthRequest } from '@sleuth/core'

/** What the routes of the interop services answer: `handler.ts` shows them plainest, `../go/service` has them in Go. */

export function echo(req: SleuthRequest, body: Buffer): object {
  const { method, url, headersDistinct: headers, sleuthPeer: peer } = req
  return { method, url, headers, body: body.toString('base64'), peer }
}

export function large(url: string): Buffer {
  const size = Number(new URLSearchParams(url.split('?')[1]).get('bytes'))
  return Buffer.alloc(size, '0123456789abcdef')
}

export function delay(url: string): number {
  return Number(new URLSearchParams(url.split('?')[1]).get('ms'))
}

export const cookies = ['a=1; Path=/', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT']
export const multi = ['one', 'two']
export const lengthOfHead = '1234'
export const elsewhere = '/elsewhere'

/** Statuses that have no body by HTTP's rules. */
export function bodiless(status: number): boolean {
  return status === 204 || status === 304
}

export async function gather(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** How a service takes part: it tells of each request, and names itself in the replies. */
export interface Witness {
  readonly instance: string
  saw(method: string, url: string): void
}

export interface Joined {
  close(): Promise<void>
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSleuth, type RequestListener, type Sleuth, type SleuthOptions } from '@sleuth/core'

/** A service on loopback, in the process of the test. */
export function serve(
  port: number,
  service: string,
  handler: RequestListener = (_, response) => void response.end(),
  options: SleuthOptions = {},
): Promise<Sleuth> {
  return createSleuth({ interface: 'loopback', port, service, handler, ...options })
}

/** What a request was: its method, path and headers in headers of the response, and its body. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers } = request
  if (url.startsWith('/status/')) response.statusCode = Number(url.slice('/status/'.length))
  response.setHeader('x-method', method)
  response.setHeader('x-path', url)
  for (const [name, value] of Object.entries(headers)) response.setHeader(`x-got-${name}`, value ?? '')
  request.pipe(response)
}

import { errorHeader } from './headers.js'

const responses = {
  method: [400, 'Bad Request', 'The request method is not valid.'],
  url: [400, 'Bad Request', 'The request URL is not a path of visible ASCII characters.'],
  'header-name': [400, 'Bad Request', 'A request header name contains invalid characters.'],
  'header-value': [400, 'Bad Request', 'A request header value contains invalid characters.'],
  length: [400, 'Bad Request', 'The request body does not match its content-length.'],
  'url-length': [414, 'URI Too Long', 'The request URL is too long.'],
  'header-size': [431, 'Request Header Fields Too Large', 'The request headers are too many or too large.'],
  expectation: [417, 'Expectation Failed', 'The only supported expectation is 100-continue.'],
  slow: [408, 'Request Timeout', 'The request was not complete in time.'],
  failed: [500, 'Internal Server Error', 'The service failed to handle the request.'],
  destroyed: [502, 'Bad Gateway', 'The service aborted its response.'],
  'too-large': [502, 'Bad Gateway', 'The response is too large.'],
  'client-disconnected': [503, 'Service Unavailable', 'The request was cancelled.'],
  closed: [503, 'Service Unavailable', 'The service closed before it answered.'],
  refused: [503, 'Service Unavailable', 'This instance can not answer now; retry on another.'],
  draining: [503, 'Service Unavailable', 'This instance is shutting down; retry on another.'],
  overloaded: [503, 'Service Unavailable', 'This instance is overloaded; retry on another.'],
  timeout: [504, 'Gateway Timeout', 'The service did not answer in time.'],
} as const satisfies Record<string, readonly [status: number, message: string, text: string]>

/** Why sleuth responds in place of the app. */
export type ErrorResponseReason = keyof typeof responses

/** A response that sleuth makes itself, for any method. A response to HEAD has no body. */
interface ErrorResponse {
  status: number
  message: string
  headers: string[]
  body: Buffer
}

export function errorResponse(reason: ErrorResponseReason, method: string): ErrorResponse {
  const [status, message, text] = responses[reason]
  const body = Buffer.from(`${text}\n`)
  const headers = [
    'Content-Type',
    'text/plain; charset=utf-8',
    'Content-Length',
    String(body.length),
    errorHeader,
    reason,
  ]
  return { status, message, headers, body: method === 'HEAD' ? Buffer.alloc(0) : body }
}

import { errorHeader, type Turned } from '../wire/refusal.js'
import type { CutReason, Refusal, Reply } from './types.js'

type Reason = CutReason | Refusal | Turned

const answers: Record<Reason, readonly [status: number, message: string, text: string]> = {
  method: [400, 'Bad Request', 'The request has a method that Node does not take.'],
  url: [400, 'Bad Request', 'The request has a URL that is not a path of visible ASCII characters.'],
  'header-name': [400, 'Bad Request', 'The request has a header name with invalid characters.'],
  'header-value': [400, 'Bad Request', 'The request has a header value with invalid characters.'],
  length: [400, 'Bad Request', 'The request is not as long as its content-length says.'],
  'url-length': [414, 'URI Too Long', 'The request has a URL that is longer than this service takes.'],
  'header-size': [
    431,
    'Request Header Fields Too Large',
    'The request has more headers, or larger ones, than this service takes.',
  ],
  expectation: [417, 'Expectation Failed', 'The request expects something other than 100-continue.'],
  slow: [408, 'Request Timeout', 'The request did not come to its end in time.'],
  failed: [500, 'Internal Server Error', 'The service failed to handle the request.'],
  destroyed: [502, 'Bad Gateway', 'The service cut its response off before the end.'],
  'too-large': [502, 'Bad Gateway', 'The response is larger than this wire takes.'],
  'hung-up': [503, 'Service Unavailable', 'The request was given up.'],
  closed: [503, 'Service Unavailable', 'The service closed before it had answered.'],
  draining: [503, 'Service Unavailable', 'This instance of the service leaves: ask another.'],
  overloaded: [503, 'Service Unavailable', 'This instance of the service has enough to do: ask another.'],
  timeout: [504, 'Gateway Timeout', 'The service did not answer in time.'],
}

/** An answer that sleuth gives itself, to a request of any method. A reply to HEAD has no body. */
interface OwnAnswer {
  status: number
  message: string
  headers: string[]
  body: Buffer
}

export function ownAnswer(reason: Reason, method: string): OwnAnswer {
  const [status, message, text] = answers[reason]
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

export function sendOwnAnswer(reply: Reply, reason: Reason, method: string): void {
  const { status, message, headers, body } = ownAnswer(reason, method)
  reply.head(status, message, headers)
  if (body.length > 0) reply.data([body], ignore)
  reply.end()
}

function ignore(): void {}

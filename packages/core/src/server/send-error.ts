import { type ErrorResponseReason, errorResponse } from '../http/error-responses.js'
import type { ResponseSink } from '../transport/transport.js'

/** Answers a request in place of the app. */
export function sendErrorResponse(reply: ResponseSink, reason: ErrorResponseReason, method: string): void {
  const { status, message, headers, body } = errorResponse(reason, method)
  reply.head(status, message, headers)
  if (body.length > 0) reply.data([body], ignore)
  reply.end()
}

function ignore(): void {}

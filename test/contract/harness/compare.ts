import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Case } from './case.js'
import type { Answer } from './message.js'

/** These belong to a connection, or to the second in which the answer was given. */
const ofTheConnection = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding'])

/**
 * An answer as two wires have to agree on it, in a form that reads well when they do not. `hasText`: with the text of the status.
 */
export function comparable(answer: Answer, blank: Case['blank'], hasText = false): object {
  const { status, statusText, headers, body } = blank ? blank(answer) : answer
  const names = Object.keys(headers).filter(
    (name) => headers[name] !== undefined && !ofTheConnection.has(name),
  )
  return {
    status,
    ...(hasText && { statusText }),
    headers: Object.fromEntries(names.sort().map((name) => [name, headers[name]])),
    body: readable(body),
  }
}

function readable(body: Buffer): string {
  if (body.length <= 2000 && isUtf8(body)) return body.toString()
  return `${body.length} bytes, SHA-256 ${createHash('sha256').update(body).digest('hex')}`
}

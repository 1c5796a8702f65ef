import type { InspectSubject } from '../types.js'

/** The kinds of frames by which nodes ask each other how they are. `docs/protocol.md` has their bytes. */
export const InspectKind = {
  inspect: 0x0d,
  report: 0x0e,
} as const

/** The most bytes of a report's JSON. */
export const MAX_REPORT = 64 * 1024

export const subjects: readonly InspectSubject[] = ['info', 'stats', 'links', 'probe']

export interface Question {
  /** The asker chooses it, and finds it in the answer. */
  readonly id: number
  /** Perhaps one of a later version. */
  readonly subject: string
}

/** `unknown`: the subject. `busy`: too much is asked. `failed`: the report could not be made. */
export type AnswerStatus = 'ok' | 'refused' | 'busy' | 'unknown' | 'failed'

const statuses: readonly AnswerStatus[] = ['ok', 'refused', 'busy', 'unknown', 'failed']

export interface Answer {
  readonly id: number
  readonly status: AnswerStatus
  /** The report. Empty unless the status is `ok`. */
  readonly json: string
}

const ID_BYTES = 4

export function encodeQuestion({ id, subject }: Question): Buffer {
  const text = Buffer.from(subject, 'latin1')
  const head = Buffer.alloc(ID_BYTES + 1)
  head.writeUInt32BE(id)
  head[ID_BYTES] = text.length
  return Buffer.concat([head, text])
}

/** Undefined for bytes that are none. What follows the subject belongs to a later version, and is passed over. */
export function decodeQuestion(bytes: Buffer): Question | undefined {
  const start = ID_BYTES + 1
  if (bytes.length < start) return undefined
  const end = start + (bytes[ID_BYTES] as number)
  if (end > bytes.length) return undefined
  return { id: bytes.readUInt32BE(0), subject: bytes.toString('latin1', start, end) }
}

export function encodeAnswer({ id, status, json }: Answer): Buffer {
  const head = Buffer.alloc(ID_BYTES + 1)
  head.writeUInt32BE(id)
  head[ID_BYTES] = statuses.indexOf(status)
  return Buffer.concat([head, Buffer.from(json)])
}

/** Undefined for bytes that are none. An unknown status says only that there is no report. */
export function decodeAnswer(bytes: Buffer): Answer | undefined {
  const start = ID_BYTES + 1
  if (bytes.length < start || bytes.length > start + MAX_REPORT) return undefined
  const status = statuses[bytes[ID_BYTES] as number] ?? 'failed'
  return { id: bytes.readUInt32BE(0), status, json: bytes.toString('utf8', start) }
}

/** Deep lists overflow the stack of those who walk them. Reports of this library have a depth of 4. */
const MAX_DEPTH = 16

/** The report in an answer. Undefined for what is none: text that is no JSON, a value that is no object, and deep nesting. */
export function parseReport(json: string): object | undefined {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return isShallow(value, MAX_DEPTH) ? value : undefined
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1))
}

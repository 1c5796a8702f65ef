import { STATUS_CODES } from 'node:http'
import type { Instance } from '@sleuth/core'
import { plain } from '../output/text.js'
import { shortTime } from '../output/time.js'
import type { Attempt } from './attempts.js'
import type { OutgoingRequest } from './request.js'
import type { Summary } from './summary.js'

// What --verbose prints, in curl's manner: `*` says what happens, `>` is sent, `<` is received.

export function instancesLine(service: string, instances: readonly Instance[]): string {
  const known = instances.map(nameOf).join(', ')
  const count = instances.length === 1 ? '1 instance' : `${instances.length} instances`
  return `* ${plain(service)} has ${count}${known === '' ? '' : `: ${known}`}`
}

export function requestLines({ method, headers }: OutgoingRequest, { service, url }: Target): string[] {
  const path = url.slice(`sleuth://${service}`.length)
  return [
    `${method} ${path}`,
    `host: ${service}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ].map((line) => `> ${plain(line)}`)
}

type Target = Pick<Summary, 'service' | 'url'>

export function attemptLine(
  { instance, cause, outcome, status, error, duration }: Attempt,
  number: number,
): string {
  const why = cause === 'first' ? '' : ` (${cause})`
  const what = outcome === 'answered' ? `answered ${status}` : outcome
  const reason = error === undefined ? '' : `: ${plain(error)}`
  return `* attempt ${number}${why} at ${nameOf(instance)} ${what} after ${shortTime(duration)}${reason}`
}

export function responseLines(response: Response): string[] {
  return headLines(response).map((line) => `< ${plain(line)}`)
}

export function endLine({ bytes, total, headAfter }: Summary): string {
  return `* ${bytes} bytes; head after ${shortTime(headAfter)}, end after ${shortTime(total)}`
}

/** The head of a response, as `--include` prints it. */
export function headLines({ status, statusText, headers }: Response): string[] {
  const text = statusText || STATUS_CODES[status] || ''
  return [
    `HTTP/1.1 ${status} ${text}`.trimEnd(),
    ...Array.from(headers, ([name, value]) => `${name}: ${value}`),
  ]
}

function nameOf({ name, endpoint, version }: Instance): string {
  return plain(`${name} (${endpoint}, version ${version})`)
}

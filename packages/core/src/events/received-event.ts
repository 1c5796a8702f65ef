import type { EmittedEvent, SleuthPeer } from '../types.js'
import { decodeData } from './data.js'
import type { WireEvent } from './format.js'

/** An event as listeners get it. */
export class ReceivedEvent implements EmittedEvent {
  readonly topic: string
  readonly data: unknown
  readonly source: SleuthPeer
  readonly time: number
  readonly headers: Readonly<Record<string, string>>
  readonly #number: number

  /** Throws for JSON that is none. */
  constructor({ topic, data, time, headers, number }: WireEvent, source: SleuthPeer) {
    this.topic = topic
    this.headers = headersOf(headers)
    this.data = decodeData(data, this.headers['content-type'])
    this.source = source
    this.time = time
    this.#number = number
  }

  get id(): string {
    return `${this.source.id}-${this.#number}`
  }
}

function headersOf(fields: readonly string[]): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null)
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    const value = fields[i + 1] as string
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before}, ${value}`
  }
  return Object.freeze(headers)
}

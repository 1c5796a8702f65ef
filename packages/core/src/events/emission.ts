import { token } from '../http/headers.js'
import type { AbortLike } from '../shared/abort.js'
import type { EmitMessage } from '../shared/diagnostics.js'
import { reasonOf, sleuthError } from '../shared/errors.js'
import { encodeData } from './data.js'
import { encodeEvent, headersProblem } from './format.js'
import type { Recipients } from './subscribers.js'

/** Headers travel as latin1. */
const badValue = /[^\t\x20-\x7e\x80-\xff]/

export interface EmissionOptions {
  readonly topic: string
  readonly data: unknown
  readonly to: Recipients
  /** Names and values alternate. */
  readonly headers: readonly string[]
  /** Milliseconds for which it waits for a subscriber. */
  readonly waitFor: number
  readonly signal: AbortLike | undefined
}

/** An event that a user emits. Only one that somebody subscribes to is encoded. */
export class Emission {
  readonly topic: string
  readonly to: Recipients
  /** Names in lower case and values alternate. */
  readonly headers: string[]
  readonly #data: unknown
  readonly waitFor: number
  readonly signal: AbortLike | undefined

  constructor({ topic, data, to, headers, waitFor, signal }: EmissionOptions) {
    this.topic = topic
    this.to = to
    this.headers = headers.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text))
    this.#data = data
    this.waitFor = waitFor
    this.signal = signal
  }

  /** `maxBytes`: of the data. Throws for what can't travel. */
  encode(number: number, maxBytes: number): Buffer {
    const { topic, headers } = this
    let data: ReturnType<typeof encodeData>
    try {
      data = encodeData(this.#data)
    } catch (error) {
      const problem = `can not be written as JSON: ${reasonOf(error)}`
      throw sleuthError('SLEUTH_ARGUMENT', { argument: 'data', problem }, { cause: error })
    }
    const { bytes, type } = data
    if (bytes.length > maxBytes) {
      const values = { what: 'the data of an event', limit: 'event', size: `${maxBytes} bytes` }
      throw sleuthError('SLEUTH_TOO_LARGE', values)
    }
    if (type !== undefined && this.header('content-type') === undefined) headers.push('content-type', type)
    const problem = headersProblem(topic, headers)
    if (problem !== undefined) throw sleuthError('SLEUTH_ARGUMENT', { argument: 'headers', problem })
    return encodeEvent({ number, time: Date.now(), topic, headers, data: bytes })
  }

  /** As tools see it before it leaves. */
  traced(): EmitMessage {
    return {
      topic: this.topic,
      headers: {
        get: (name) => this.header(name.toLowerCase()),
        has: (name) => this.header(name.toLowerCase()) !== undefined,
        set: (name, value) => this.setHeader(name.toLowerCase(), value),
      },
    }
  }

  /** The value of a header, by its name in lower case. */
  header(name: string): string | undefined {
    const at = this.headers.findIndex((text, index) => index % 2 === 0 && text === name)
    return at === -1 ? undefined : this.headers[at + 1]
  }

  /** Replaces all values of a header, by its name in lower case. Throws for what can't travel. */
  setHeader(name: string, value: string): void {
    if (!token.test(name) || badValue.test(value)) {
      const problem = `can not be sent: ${name}`
      throw sleuthError('SLEUTH_ARGUMENT', { argument: 'headers', problem })
    }
    for (let at = this.headers.length - 2; at >= 0; at -= 2)
      if (this.headers[at] === name) this.headers.splice(at, 2)
    this.headers.push(name, value)
  }

  /** Waits for room. The signal ends the wait, and takes back no event that was handed over. */
  async wait(room: Promise<unknown>): Promise<void> {
    const { signal } = this
    if (signal === undefined) {
      await room
      return
    }
    let abort = () => {}
    const aborted = new Promise<never>((_resolve, reject) => {
      abort = () => reject(signal.reason)
    })
    signal.addEventListener('abort', abort)
    try {
      await Promise.race([room, aborted])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }
}

import type { DownReason } from '../types.js'
import type { ResetName } from '../wire2/format.js'
import { Body } from './body.js'
import type { Link } from './link.js'
import { Sender } from './sender.js'

/** What a service answered. A body that came whole is there; another is still on its way. */
export interface Answer {
  readonly status: number
  readonly headers: string[]
  readonly body: Buffer | Body
}

/** Why a stream ended before its answer was complete. */
export type LostCause =
  | { readonly type: 'reset'; readonly why: ResetName }
  | { readonly type: 'gone'; readonly reason: DownReason }
  | { readonly type: 'unsent'; readonly error: unknown }
  | { readonly type: 'closed' }

export interface CallingEvents {
  answer(answer: Answer): void
  /** There will be no answer. */
  failed(error: unknown): void
  /** Makes the error of a stream that was lost. */
  errorOf(cause: LostCause, mayHaveRun: boolean): unknown
  /** Nothing more will happen. */
  over(): void
}

/** The caller's end of a stream: its request goes out, its answer comes in. */
export class Calling {
  readonly id: number
  readonly #link: Link
  readonly #events: CallingEvents
  readonly sender: Sender
  /** The request has left, and may have run. Set by the link. */
  left = false
  #body: Body | undefined
  #answered = false
  #done = false

  constructor(link: Link, id: number, events: CallingEvents) {
    this.id = id
    this.#link = link
    this.#events = events
    this.sender = new Sender((bytes, end) => link.packet.data('caller', id, bytes, end))
  }

  get answered(): boolean {
    return this.#answered
  }

  /** Nobody waits for the answer, or reads it, any more. */
  readonly cancel = (): void => {
    if (this.#done) return
    this.#finish()
    this.#link.packet.reset('caller', this.id, 'cancelled')
  }

  /** As `cancel`, and whoever reads the body is told why. */
  abort(reason: unknown): void {
    this.cancel()
    this.#body?.fail(reason)
  }

  onResponse(status: number, headers: string[], bytes: Buffer, end: boolean): void {
    if (this.#answered) return this.#breach()
    this.#answered = true
    if (end) {
      this.#finish()
      this.#events.answer({ status, headers, body: bytes })
      return
    }
    const body = new Body(
      (credit) => this.#link.packet.credit('caller', this.id, credit),
      () => this.cancel(),
    )
    this.#body = body
    if (!body.push(bytes)) return this.#breach()
    this.#events.answer({ status, headers, body })
  }

  onData(bytes: Buffer, end: boolean): void {
    if (this.#body === undefined || !this.#body.push(bytes)) return this.#breach()
    if (!end) return
    this.#finish()
    this.#body.end()
  }

  onReset(why: ResetName): void {
    this.lose({ type: 'reset', why })
  }

  lose(cause: LostCause): void {
    if (!this.#done) this.#fail(this.#events.errorOf(cause, this.left))
  }

  #fail(error: unknown): void {
    this.#finish()
    if (this.#body === undefined) this.#events.failed(error)
    else this.#body.fail(error)
  }

  #breach(): void {
    if (this.#done) return
    this.#link.packet.reset('caller', this.id, 'protocol')
    this.lose({ type: 'reset', why: 'protocol' })
  }

  /** An answer that is complete makes the rest of the request needless. */
  #finish(): void {
    this.#done = true
    this.sender.stop()
    this.#link.forget(this)
    this.#events.over()
  }
}

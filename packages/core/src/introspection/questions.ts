import { randomInt } from 'node:crypto'
import { Deferred } from '../shared/deferred.js'
import { type SleuthError, sleuthError } from '../shared/errors.js'
import type { InspectSubject } from '../types.js'
import { type Answer, decodeAnswer, encodeQuestion, parseReport } from './format.js'
import type { Inquiry } from './inquiry.js'

/** The most questions of this node that wait for an answer. */
export const MAX_QUESTIONS = 4096

export interface QuestionsOptions {
  /** Sends a payload to a peer. May throw. */
  readonly send: (peer: string, payload: Buffer) => void
  /** Why a peer can't be asked, if it can't. */
  readonly hindrance: (question: Inquiry) => SleuthError | undefined
  /** A peer sent what answers nothing, or can't be read. */
  readonly dropped: (error: SleuthError) => void
}

/** Questions that have ended without an answer, which may still come. */
const MAX_LATE = 1024

interface Waiting {
  readonly id: number
  readonly peer: string
  readonly subject: InspectSubject
  readonly deferred: Deferred<object>
  /** Not while a link is made to the peer. */
  isSent: boolean
}

/** What this node has asked its peers, and what waits for an answer. */
export class Questions {
  readonly #options: QuestionsOptions
  readonly #waiting = new Map<number, Waiting>()
  /** The peers that were asked, by the number of the question. */
  readonly #late = new Map<number, string>()
  #next = randomInt(2 ** 32)

  constructor(options: QuestionsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Resolves to the report. `reached`: resolves when there is a link to the peer, or when none can be made. */
  ask(question: Inquiry, reached?: Promise<unknown>): Promise<object> {
    const { peer, subject, timeout, signal } = question
    if (this.#waiting.size >= MAX_QUESTIONS)
      throw sleuthError('SLEUTH_INSPECT_BUSY', { peer, subject }, { retryable: true })
    const id = this.#freeId()
    const deferred = new Deferred<object>({
      timeout,
      signal,
      timedOut: () => sleuthError('SLEUTH_INSPECT_TIMEOUT', { peer, subject, timeout }, { retryable: true }),
      settled: () => this.#ended(id, peer),
    })
    if (deferred.settled) return deferred.promise
    const waiting = { id, peer, subject, deferred, isSent: false }
    this.#waiting.set(id, waiting)
    const send = () => this.#send(question, waiting)
    if (reached === undefined) send()
    else reached.then(send, send)
    return deferred.promise
  }

  #send(question: Inquiry, waiting: Waiting): void {
    const { id, peer, subject, deferred } = waiting
    if (deferred.settled) return
    waiting.isSent = true
    const hindrance = this.#options.hindrance(question)
    if (hindrance !== undefined) {
      deferred.reject(hindrance)
      return
    }
    try {
      this.#options.send(peer, encodeQuestion({ id, subject }))
    } catch (cause) {
      deferred.reject(sleuthError('SLEUTH_INSPECT_PEER', { peer }, { retryable: true, cause }))
    }
  }

  /** A peer sent an answer. Only whoever was asked can answer. */
  receive(peer: string, payload: Buffer): void {
    const answer = decodeAnswer(payload)
    const waiting = answer && this.#waiting.get(answer.id)
    if (answer !== undefined && this.#late.get(answer.id) === peer) this.#late.delete(answer.id)
    else if (answer === undefined) this.#options.dropped(unreadable('a report', 'it is cut off or too large'))
    else if (waiting?.peer !== peer) this.#options.dropped(unreadable('a report', 'nobody asked for it'))
    else {
      this.#answered(waiting, answer)
      this.#late.delete(answer.id)
    }
  }

  #ended(id: number, peer: string): void {
    if (!this.#waiting.delete(id)) return
    this.#late.set(id, peer)
    if (this.#late.size <= MAX_LATE) return
    const [oldest] = this.#late.keys()
    this.#late.delete(oldest as number)
  }

  #answered({ peer, subject, deferred }: Waiting, { status, json }: Answer): void {
    const values = { peer, subject }
    if (status === 'refused') deferred.reject(sleuthError('SLEUTH_INSPECT_REFUSED', values))
    else if (status === 'busy')
      deferred.reject(sleuthError('SLEUTH_INSPECT_BUSY', values, { retryable: true }))
    else if (status === 'unknown') deferred.reject(sleuthError('SLEUTH_INSPECT_UNSUPPORTED', values))
    else if (status === 'failed') {
      const why = 'it could not make the report'
      deferred.reject(sleuthError('SLEUTH_INSPECT_FAILED', { ...values, why }))
    } else {
      const report = parseReport(json)
      if (report !== undefined) deferred.resolve(report)
      else
        deferred.reject(
          sleuthError('SLEUTH_INSPECT_FAILED', { ...values, why: 'its report can not be read' }),
        )
    }
  }

  /** Whether a question to a peer waits for its answer. */
  awaits(peer: string): boolean {
    for (const waiting of this.#waiting.values()) if (waiting.peer === peer) return true
    return false
  }

  /** A peer has gone: it answers nothing any more. */
  gone(peer: string): void {
    for (const waiting of this.#waiting.values())
      if (waiting.peer === peer && waiting.isSent)
        waiting.deferred.reject(sleuthError('SLEUTH_INSPECT_PEER', { peer }, { retryable: true }))
  }

  close(): void {
    for (const { deferred } of this.#waiting.values())
      deferred.reject(sleuthError('SLEUTH_CLOSED', {}, { codes: [935, 1068] }))
  }

  #freeId(): number {
    do this.#next = (this.#next + 1) >>> 0
    while (this.#waiting.has(this.#next))
    return this.#next
  }
}

/** What a peer sent is thrown away. */
export function unreadable(what: string, why: string): SleuthError {
  return sleuthError('SLEUTH_INSPECT_MESSAGE', { what, why })
}

import type { Peer } from '@sleuth/zre'
import type { SleuthError } from '../shared/errors.js'
import type { InspectSubject } from '../types.js'
import { Budget } from './budget.js'
import { fittedJson } from './fit.js'
import { type AnswerStatus, decodeQuestion, encodeAnswer, subjects } from './format.js'
import { unreadable } from './questions.js'

/** Reports a second for one peer, refused ones included, and for all peers together. */
export const PEER_REPORTS = 10
export const ALL_REPORTS = 500
/** Answers a second without a report for one peer: more of its questions are passed over. */
export const PEER_REFUSALS = 100
/** Probes at a time, for all peers together. Each peer has one. */
const MAX_PROBES = 8

export interface AnswersOptions {
  /** Sends a payload to a peer. May throw. */
  readonly send: (peer: string, payload: Buffer) => void
  readonly mayAsk: (peer: Peer, subject: InspectSubject) => boolean
  readonly reportOf: (subject: InspectSubject, asker: Peer) => object | Promise<object>
  /** A peer sent what is no question. */
  readonly dropped: (error: SleuthError) => void
  /** A peer asked too much, and got no answer. */
  readonly overdone: () => void
  /** A report could not be made or sent. */
  readonly failed: (error: unknown) => void
  /** Milliseconds, from any moment on. */
  readonly now: () => number
}

interface Asker {
  readonly reports: Budget
  /** Of answers that have no report: to tell a peer that it asks too often takes little, but not nothing. */
  readonly refusals: Budget
  probes: boolean
}

/** Answers the questions of peers, within limits. The app notices nothing. */
export class Answers {
  readonly #options: AnswersOptions
  readonly #askers = new Map<string, Asker>()
  readonly #all: Budget
  #probes = 0

  constructor(options: AnswersOptions) {
    this.#options = options
    this.#all = new Budget(ALL_REPORTS, options.now())
  }

  /** A peer asks. Never throws. */
  receive(peer: Peer, payload: Buffer): void {
    const { dropped, mayAsk, now } = this.#options
    const question = decodeQuestion(payload)
    if (question === undefined) {
      dropped(unreadable('a question', 'it is cut off'))
      return
    }
    const { id } = question
    const asker = this.#askerOf(peer.id)
    const subject = subjects.find((known) => known === question.subject)
    if (subject === undefined) this.#refuse(peer, asker, id, 'unknown')
    else if (subject === 'probe' && (asker.probes || this.#probes >= MAX_PROBES))
      this.#refuse(peer, asker, id, 'busy')
    // First, because the app decides who may ask: a peer can't have it decide all the time.
    else if (!asker.reports.take(now())) this.#refuse(peer, asker, id, 'busy')
    else if (!mayAsk(peer, subject)) this.#refuse(peer, asker, id, 'refused')
    else if (!this.#all.take(now())) this.#refuse(peer, asker, id, 'busy')
    else void this.#answer(peer, asker, id, subject)
  }

  gone(peer: string): void {
    this.#askers.delete(peer)
  }

  async #answer(peer: Peer, asker: Asker, id: number, subject: InspectSubject): Promise<void> {
    const isProbe = subject === 'probe'
    if (isProbe) {
      asker.probes = true
      this.#probes++
    }
    let json: string | undefined
    try {
      json = fittedJson(await this.#options.reportOf(subject, peer))
      if (json === undefined) throw new RangeError('it is too large')
    } catch (error) {
      this.#options.failed(error)
    }
    if (isProbe) {
      asker.probes = false
      this.#probes--
    }
    this.#send(peer, id, json === undefined ? 'failed' : 'ok', json ?? '')
  }

  #refuse(peer: Peer, asker: Asker, id: number, status: AnswerStatus): void {
    if (asker.refusals.take(this.#options.now())) this.#send(peer, id, status, '')
    else this.#options.overdone()
  }

  #send(peer: Peer, id: number, status: AnswerStatus, json: string): void {
    try {
      this.#options.send(peer.id, encodeAnswer({ id, status, json }))
    } catch {
      // The peer has just gone, or does not read: then it does not wait for this.
    }
  }

  #askerOf(peer: string): Asker {
    let asker = this.#askers.get(peer)
    if (asker === undefined) {
      const now = this.#options.now()
      asker = {
        reports: new Budget(PEER_REPORTS, now),
        refusals: new Budget(PEER_REFUSALS, now),
        probes: false,
      }
      this.#askers.set(peer, asker)
    }
    return asker
  }
}

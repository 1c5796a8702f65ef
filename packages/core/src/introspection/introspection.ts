import type { Peer, ZreNode } from '@sleuth/zre'
import { announcedWire } from '../directory/instance.js'
import { reasonOf, type SleuthError, sleuthError } from '../shared/errors.js'
import type { InspectSubject } from '../types.js'
import { Answers } from './answers.js'
import { fittedJson } from './fit.js'
import { InspectKind, parseReport } from './format.js'
import type { Inquiry } from './inquiry.js'
import { Questions } from './questions.js'

export interface IntrospectionOptions {
  readonly node: ZreNode
  /** Sends a frame to a peer. May throw. */
  readonly send: (peer: string, kind: number, payload: Buffer) => void
  /** Makes a link to a peer. Undefined where there need be none, or where there is one. */
  readonly reach: (peer: string) => Promise<unknown> | undefined
  /** The newest wire that this node speaks. */
  readonly wire: number
  readonly mayAsk: (peer: Peer, subject: InspectSubject) => boolean
  /** `asker`: undefined if this node asks itself. */
  readonly reportOf: (subject: InspectSubject, asker: Peer | undefined) => object | Promise<object>
  /** A peer sent what can't be read, or what nobody asked for. */
  readonly dropped: (error: SleuthError) => void
  /** A peer asked too much, and got no answer. */
  readonly overdone: () => void
  readonly failed: (error: unknown) => void
  readonly now: () => number
}

/** Asks peers how they are, and answers what they ask. */
export class Introspection {
  readonly #options: IntrospectionOptions
  readonly #questions: Questions
  readonly #answers: Answers

  constructor(options: IntrospectionOptions) {
    this.#options = options
    const { node, send } = options
    this.#questions = new Questions({
      ...options,
      send: (peer, payload) => send(peer, InspectKind.inspect, payload),
      hindrance: (question) => this.#hindrance(question),
    })
    this.#answers = new Answers({
      ...options,
      send: (peer, payload) => send(peer, InspectKind.report, payload),
    })
    node.on('exit', ({ id }) => {
      this.#questions.gone(id)
      this.#answers.gone(id)
    })
  }

  /** Asks a peer, or this node itself. */
  async ask(question: Inquiry): Promise<object> {
    const { node, reach } = this.#options
    if (question.peer === node.id) return this.#ownReport(question)
    return this.#questions.ask(question, reach(question.peer))
  }

  #hindrance({ peer: id, subject }: Inquiry): SleuthError | undefined {
    const { node, wire } = this.#options
    const peer = node.peer(id)
    if (peer === undefined) return sleuthError('SLEUTH_INSPECT_PEER', { peer: id })
    if (announcedWire(peer) > 1 && wire > 1) return undefined
    return sleuthError('SLEUTH_INSPECT_UNSUPPORTED', { peer: id, subject })
  }

  /** As a peer would get it: with nothing but what JSON knows. */
  async #ownReport({ peer, subject }: Inquiry): Promise<object> {
    const failed = (why: string, cause?: unknown) =>
      sleuthError('SLEUTH_INSPECT_FAILED', { peer, subject, why }, { cause })
    let json: string | undefined
    try {
      json = fittedJson(await this.#options.reportOf(subject, undefined))
    } catch (error) {
      throw failed(reasonOf(error), error)
    }
    const report = json === undefined ? undefined : parseReport(json)
    if (report === undefined) throw failed('it is too large')
    return report
  }

  /** A peer sent a frame. */
  receive(from: string, kind: number, payload: Buffer): void {
    const peer = this.#options.node.peer(from)
    if (peer === undefined) return
    if (kind === InspectKind.inspect) this.#answers.receive(peer, payload)
    else this.#questions.receive(from, payload)
  }

  /** Whether a question to a peer waits for its answer, so that the link to it is in use. */
  awaits(peer: string): boolean {
    return this.#questions.awaits(peer)
  }

  close(): void {
    this.#questions.close()
  }
}

import { randomInt } from 'node:crypto'
import { SlabMap } from '../../shared/slab.js'
import { inParts } from '../../shared/turns.js'
import type { CloseReason } from '../transport.js'
import type { ClientStream } from './client-stream.js'
import type { ServerStream } from './server-stream.js'
import { LAST_STREAM } from './stream-ids.js'

/** The open streams of a session, by their numbers: those of our calls, and those of the peer's. */
export class StreamTable {
  readonly calls = new SlabMap<number, ClientStream>()
  readonly answers = new SlabMap<number, ServerStream>()
  readonly #ours = new StreamIds()
  readonly #theirs = new StreamIds()
  readonly #unknown: () => void
  #next = randomInt(LAST_STREAM)

  /** `unknown` is called for a frame of a stream that never was. */
  constructor(unknown: () => void) {
    this.#unknown = unknown
  }

  get size(): number {
    return this.calls.size + this.answers.size
  }

  /** A number that no call has. It stays free until the call is added. */
  freeNumber(): number {
    while (this.calls.has(this.#next)) this.#advance()
    return this.#next
  }

  /** A call whose number is from `freeNumber`. */
  addCall(call: ClientStream): void {
    this.#advance()
    this.#ours.given(call.id)
    this.calls.set(call.id, call)
  }

  /** The peer has given this number to a call. */
  given(stream: number): void {
    this.#theirs.given(stream)
  }

  // Frames for a stream that is over were under way when it ended: they are passed over.
  call(stream: number): ClientStream | undefined {
    const call = this.calls.get(stream)
    if (call === undefined && !this.#ours.has(stream)) this.#unknown()
    return call
  }

  answer(stream: number): ServerStream | undefined {
    const answer = this.answers.get(stream)
    if (answer === undefined && !this.#theirs.has(stream)) this.#unknown()
    return answer
  }

  /** The peer decides how many it asks: all its streams end here at once, and their handlers are told by and by. */
  loseAll(cause: CloseReason): void {
    for (const call of this.calls.all()) call.lose(cause)
    const answers = this.answers.all()
    for (const answer of answers) answer.detach()
    inParts(answers, (answer) => answer.onReset())
  }

  #advance(): void {
    this.#next = this.#next === LAST_STREAM ? 0 : this.#next + 1
  }
}

/** Which numbers one side has given to its calls, as far as two of them tell: they go up by one, and round. */
class StreamIds {
  #first = -1
  #next = -1

  given(stream: number): void {
    if (this.#first === -1) this.#first = stream
    this.#next = stream + 1
  }

  has(stream: number): boolean {
    return ((stream - this.#first) & LAST_STREAM) < ((this.#next - this.#first) & LAST_STREAM)
  }
}

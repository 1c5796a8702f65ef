import type { EventEmitter } from 'node:events'
import type { Effect } from './machine/types.js'
import type { ConnectedPeer, NodeEvents } from './types.js'

/** The effects that are told to listeners. */
export type EventEffect = Extract<Effect, { type: keyof NodeEvents }>

/**
 * Tells listeners what happened, one event after the other: what follows from a call that a listener makes waits until all
 * that was there before is told.
 */
export class Events {
  readonly #emitter: EventEmitter<NodeEvents>
  readonly #waiting: EventEffect[] = []
  #telling = false

  constructor(emitter: EventEmitter<NodeEvents>) {
    this.#emitter = emitter
  }

  add(event: EventEffect): void {
    this.#waiting.push(event)
  }

  /** As `add` and `tellAll`, without an object for each whisper when nothing waits. */
  whisper(peer: ConnectedPeer, content: Buffer[]): void {
    if (this.#telling || this.#waiting.length > 0) {
      this.#waiting.push({ type: 'whisper', peer, content })
      this.tellAll()
      return
    }
    this.#telling = true
    this.#emit('whisper', peer, content)
    this.#tellWaiting()
  }

  tellAll(): void {
    if (this.#telling) return
    this.#telling = true
    this.#tellWaiting()
  }

  #tellWaiting(): void {
    // It grows meanwhile. Not by `shift`, which moves all of a long list each time.
    for (const event of this.#waiting) this.#tell(event)
    this.#waiting.length = 0
    this.#telling = false
  }

  #tell(event: EventEffect): void {
    switch (event.type) {
      case 'whisper':
        this.#emit('whisper', event.peer, event.content)
        break
      case 'shout':
        this.#emit('shout', event.peer, event.group, event.content)
        break
      case 'join':
      case 'leave':
        this.#emit(event.type, event.peer, event.group)
        break
      case 'enter':
      case 'evasive':
        this.#emit(event.type, event.peer)
        break
      case 'exit':
        this.#emit('exit', event.peer, event.reason)
        break
    }
  }

  /** A listener that throws is its owner's fault, told as Node tells it; what we are in the middle of goes on. */
  #emit<E extends keyof NodeEvents>(event: E, ...args: NodeEvents[E]): void {
    try {
      const emitter: { emit(event: E, ...args: NodeEvents[E]): unknown } = this.#emitter
      emitter.emit(event, ...args)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }
}

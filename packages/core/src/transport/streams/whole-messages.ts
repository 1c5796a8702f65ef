import type { Channel } from './channel.js'
import type { SendQueue } from './send-queue.js'

export interface WholeMessagesOptions {
  readonly channel: Channel
  /** The keys below zero are theirs. */
  readonly queue: SendQueue
  /** What is said of a message that the queue does not take. */
  readonly tooMuchWaits: () => Error
}

/** The messages of the first wire to a peer: each leaves alone, and takes its turn with what the streams send. */
export class WholeMessages {
  readonly #options: WholeMessagesOptions
  #count = 0

  constructor(options: WholeMessagesOptions) {
    this.#options = options
  }

  /** Sends one, now or when there is room. Returns what takes it back, if it has not left. */
  send(content: Buffer, sent: () => void, failed: (error: unknown) => void): () => void {
    const { channel, queue, tooMuchWaits } = this.#options
    const send = () => {
      try {
        channel.send(content)
      } catch (error) {
        failed(error)
        return
      }
      queue.sent(content.length)
      sent()
    }
    if (!queue.isFull) {
      send()
      return ignore
    }
    const key = --this.#count
    if (!queue.add(key, { size: content.length, write: send })) failed(tooMuchWaits())
    return () => {
      queue.remove(key)
    }
  }
}

function ignore(): void {}

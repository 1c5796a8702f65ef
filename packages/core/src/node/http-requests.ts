import type { ServerResponse } from 'node:http'

/** The open requests over HTTP to an adapter's app. Their handlers may call other services. */
export class HttpRequests {
  readonly #open = new Set<ServerResponse>()
  #idle: (() => void) | undefined
  #isForgotten = false

  add(res: ServerResponse | undefined): void {
    // Tests and WebSocket libraries make responses without a socket. Such a response may never emit 'close'.
    if (!res?.socket || res.writableFinished || this.#isForgotten) return
    this.#open.add(res)
    res.once('close', () => {
      this.#open.delete(res)
      if (!this.busy) this.#idle?.()
    })
  }

  get busy(): boolean {
    return this.#open.size > 0
  }

  /** None counts any more: their handlers could call nobody. */
  forget(): void {
    this.#isForgotten = true
    this.#open.clear()
    this.#idle?.()
  }

  /** Resolves when none is open, and at the latest after `time` milliseconds. */
  async settled(time: number): Promise<void> {
    if (!this.busy) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#idle = resolve
      if (time !== Infinity) timer = setTimeout(resolve, time)
    })
    clearTimeout(timer)
    this.#open.clear()
  }
}

import type { ServerResponse } from 'node:http'

/** The requests over HTTP to an adapter's app: until they are answered, their handlers may call others. */
export class HttpRequests {
  readonly #open = new Set<ServerResponse>()
  #idle: (() => void) | undefined

  add(res: ServerResponse | undefined): void {
    // One that has no socket, as a test or a WebSocket library makes them up, may never tell that it is over.
    if (!res?.socket || res.writableFinished) return
    this.#open.add(res)
    res.once('close', () => {
      this.#open.delete(res)
      if (!this.busy) this.#idle?.()
    })
  }

  get busy(): boolean {
    return this.#open.size > 0
  }

  /** Resolves when none is open; those that are after `time` milliseconds are not waited for. */
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

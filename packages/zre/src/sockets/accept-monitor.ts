import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from 'zeromq'

export interface AcceptingOptions {
  /** A connection did not get through its handshake: it spoke no ZMTP, or no CURVE, or the wrong key for us, or nothing. */
  onStranger(address: string | undefined): void
  /** Connections that wait can't be accepted: the process has no file descriptor left. Called again and again while that lasts. */
  onExhausted(error: Error): void
  /** A connection that was accepted has ended. */
  onEnded(): void
}

/** Failures after which the monitor is left alone, and for how many milliseconds. */
const MAX_FAILURES = 500
const REST_MS = 150

/**
 * What the monitor of a listening socket tells. libzmq tries again at once when it can't accept a connection, without end,
 * and tells each time: a thread of it and our event loop would do nothing else. It waits while its monitor's queue of 1000 is
 * full and goes on when half of it is read, so who reads 500 and rests sets the pace. Meanwhile its I/O thread rests as well: for
 * a time that is short beside the heartbeats of peers.
 */
export async function watchAccepting(events: AsyncIterable<Event>, options: AcceptingOptions): Promise<void> {
  let failures = 0
  try {
    for await (const event of events) {
      if (event.type === 'accept:error') {
        if (failures++ % MAX_FAILURES > 0) continue
        options.onExhausted(event.error)
        await sleep(REST_MS)
      } else if (event.type === 'handshake:error:protocol' || event.type === 'handshake:error:other') {
        // Not of `auth`: whom the ZAP handler has turned away, it has counted.
        options.onStranger(event.address)
      } else if (event.type === 'disconnect') {
        options.onEnded()
      }
    }
  } catch {
    // The socket was closed while an event was read.
  }
}

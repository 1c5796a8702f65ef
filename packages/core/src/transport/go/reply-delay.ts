import type { Peer } from '@sleuth/zre'
import { isGo } from '../../directory/instance.js'

/**
 * Milliseconds. Go's client sends a request first and begins to listen for the reply after that (client.go, Do), and what comes
 * earlier is lost: 80 of 1,500 replies without a delay, 8 at 5 ms, 6 at 10 ms, none at 20 ms, with 16 callers. A call
 * between Go peers takes as long, so a lone caller sees no difference, and many callers get more answers a second.
 */
const listensAfter = 20

/** Gives what runs `send` when the caller of a request that has just come listens for its reply: at once for all but Go. */
export function delayForGo(caller: Peer): (send: () => void) => void {
  if (!isGo(caller)) return (send) => send()
  const listening = new Promise((resolve) => setTimeout(resolve, listensAfter))
  return (send) => void listening.then(send)
}

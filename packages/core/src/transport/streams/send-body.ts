import type { BodySource } from '../transport.js'
import type { SendWindow } from './send-window.js'

/** Reads a body as fast as the service takes it. Returns what ends the reading early. */
export function sendBody(
  open: () => BodySource,
  sender: SendWindow,
  failed: (error: unknown) => void,
): () => void {
  let source: BodySource | undefined
  let ended = false
  const run = async () => {
    source = open()
    for (let bytes = await source.next(); bytes !== undefined; bytes = await source.next()) {
      if (!(await sender.sent(bytes))) return
    }
    ended = true
    sender.end()
  }
  run().catch(failed)
  return () => {
    if (!ended) source?.cancel()
  }
}

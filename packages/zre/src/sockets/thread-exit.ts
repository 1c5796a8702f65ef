import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'

interface Closable {
  readonly closed: boolean
  close(): void
}

/** Milliseconds between looks, and in all: a socket lingers for a second before its monitor stops. */
const POLL_MS = 2
const MAX_WAIT_MS = 2000

/** What is open in this thread. A monitor comes with the socket that it watches. */
let open: Map<Closable, Closable | undefined> | undefined

/**
 * In a worker thread, a socket or monitor that still waits for messages when the thread's environment is torn down aborts the
 * whole process: zeromq.js then rejects the pending `receive` where JavaScript can't run any more (its issue 411). So all are
 * closed when the thread exits. No code runs in a thread that `worker.terminate()` or the main thread's `process.exit()` ends.
 */
export function closeOnThreadExit(closable: Closable, watched?: Closable): void {
  if (isMainThread) return
  open ??= openClosables()
  for (const other of open.keys()) if (other.closed) open.delete(other)
  open.set(closable, watched)
}

/** Resolves when the monitors of closed sockets have stopped, which takes a moment: from then on the thread may be terminated. */
export async function monitorsStopped(): Promise<void> {
  if (open === undefined) return
  const end = performance.now() + MAX_WAIT_MS
  const watching = [...open].filter(([, watched]) => watched?.closed).map(([monitor]) => monitor)
  while (watching.some((monitor) => !monitor.closed) && performance.now() < end) await sleep(POLL_MS)
}

function openClosables(): Map<Closable, Closable | undefined> {
  const closables = new Map<Closable, Closable | undefined>()
  process.once('exit', () => {
    for (const closable of closables.keys()) closable.close()
  })
  return closables
}

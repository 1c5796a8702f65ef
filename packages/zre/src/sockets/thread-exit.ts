import { isMainThread } from 'node:worker_threads'

const listeners = new Set<() => void>()

/**
 * Calls `listener` when this worker thread ends by `process.exit()` or an error that nobody catches, for sockets to close. Node
 * hands on what has come in the last turn of the loop, but JavaScript can't run any more by then: for a datagram Node aborts
 * the whole process. Returns a function that takes the listener away.
 */
export function onThreadExit(listener: () => void): () => void {
  if (isMainThread) return () => {}
  // One listener of the process for all: Node warns of more than ten.
  if (listeners.size === 0) process.on('exit', callAll)
  listeners.add(listener)
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) process.off('exit', callAll)
  }
}

function callAll(): void {
  for (const listener of listeners) listener()
}

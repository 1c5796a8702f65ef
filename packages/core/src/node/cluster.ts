import cluster from 'node:cluster'

const leaving = new Set<() => void>()

/**
 * Calls `leave` when the cluster disconnects this worker. Such a worker must end by itself once its servers and connections are
 * closed. node:cluster has closed the servers, and has waited for their requests, before it emits the event. Returns a function
 * that takes `leave` back.
 */
export function onWorkerDisconnected(leave: () => void): () => void {
  if (cluster.worker === undefined) return () => {}
  // All nodes of the process share one listener on the worker. A listener on `process` would keep the channel open.
  if (leaving.size === 0) cluster.worker.on('disconnect', leaveAll)
  leaving.add(leave)
  return () => {
    leaving.delete(leave)
    if (leaving.size === 0) cluster.worker?.off('disconnect', leaveAll)
  }
}

function leaveAll(): void {
  for (const leave of leaving) leave()
}

import cluster from 'node:cluster'

const leaving = new Set<() => void>()

/**
 * A worker that its cluster has disconnected is to end by itself, once its servers and connections are closed: node:cluster has closed
 * the servers, and waited for their requests, when it tells so. Gives what takes `leave` back.
 */
export function onWorkerDisconnected(leave: () => void): () => void {
  if (cluster.worker === undefined) return () => {}
  // One listener for all nodes of the process, on the worker: a listener on `process` would hold the channel.
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

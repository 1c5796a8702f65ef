import { handleRejection, isThenable } from '../shared/thenable.js'
import type { Listener } from './types.js'

/**
 * A listener for the requests for which the filter returns a truthy value. A thenable accepts nothing, since it is truthy
 * whatever it resolves to. Callers get a 404 for the other requests. `rejected` is told whether the value was a thenable.
 */
export function filtered(
  listener: Listener,
  filter: (req: Parameters<Listener>[0]) => unknown,
  rejected: (thenable: boolean) => void,
): Listener {
  return (req, res) => {
    const passes = filter(req)
    const thenable = isThenable(passes)
    if (passes && !thenable) return listener(req, res)
    handleRejection(passes)
    rejected(thenable)
    res.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
    return res.end('Not Found\n')
  }
}

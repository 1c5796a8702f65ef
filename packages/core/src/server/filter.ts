import { isPromise } from 'node:util/types'
import { isThenable } from '../shared/thenable.js'
import type { Listener } from './types.js'

/**
 * A listener that hands on what the filter lets through: any truthy value, but for a thenable, which is truthy whatever it
 * comes to. To callers, what the filter refuses is not there. `refused` is told whether it was for a thenable.
 */
export function filtered(
  listener: Listener,
  filter: (req: Parameters<Listener>[0]) => unknown,
  refused: (thenable: boolean) => void,
): Listener {
  return (req, res) => {
    const passes = filter(req)
    const thenable = isThenable(passes)
    if (passes && !thenable) return listener(req, res)
    // A rejection that nobody handles ends the process. Another thenable is left alone: `then` may begin its work.
    if (isPromise(passes)) passes.catch(ignore)
    refused(thenable)
    res.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
    return res.end('Not Found\n')
  }
}

function ignore(): void {}

import { sleuthError } from '../shared/errors.js'
import { type Counters, countDropped } from '../shared/stats.js'
import type { RequestServer } from '../transport/transport.js'
import type { Logger } from '../types.js'

/** What a node without a service does with requests: it rejects each, so that the caller uses another instance. */
export function noService(counters: Counters, log: Logger): RequestServer {
  return {
    accept: (_peer, _request, sink) => {
      countDropped(sleuthError('SLEUTH_NO_HANDLER').escalate('SLEUTH_REPL'), counters, log)
      sink.reject('overloaded')
    },
  }
}

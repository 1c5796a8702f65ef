import type { DriverParts } from './driver.js'
import type { Settings } from './options.js'
import { CurvePolicy } from './security/curve-policy.js'
import { OpenPolicy } from './security/open-policy.js'
import { ZeromqTransport } from './sockets/zeromq-transport.js'
import type { NodeId } from './wire/identity.js'

/** What a driver needs to run over ZeroMQ, on the clock of the machine. */
export function zeromqParts(settings: Settings, id: NodeId): DriverParts {
  const { security, logger, maxPeers } = settings
  let transport: ZeromqTransport | undefined
  const transportOf: DriverParts['transport'] = (counters) => {
    transport = new ZeromqTransport({ ...settings, id, keys: security, counters })
    return transport
  }
  return {
    clock: {
      now: () => performance.now(),
      setTimeout: (run, delay) => setTimeout(run, delay),
      clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
    },
    transport: transportOf,
    policy: (options) => {
      if (security === undefined) return new OpenPolicy({ ...options, maxPeers })
      const { context } = transport as ZeromqTransport
      return new CurvePolicy({ ...options, security, context, logger, maxPeers })
    },
  }
}

import { HostDirectory } from './discovery/host-directory.js'
import type { DriverParts } from './driver.js'
import type { Settings } from './options.js'
import { CurvePolicy } from './security/curve-policy.js'
import { OpenPolicy } from './security/open-policy.js'
import { systemClock } from './sockets/system-clock.js'
import { ZeromqTransport, type ZeromqTransportOptions } from './sockets/zeromq-transport.js'
import type { NodeId } from './wire/identity.js'

/** What a driver needs to run over ZeroMQ, on the clock of the machine. */
export function zeromqParts(settings: Settings, id: NodeId): DriverParts {
  const { security, logger, maxPeers, discovery, seeds } = settings
  let transport: ZeromqTransport | undefined
  const beacon = beaconOf(settings)
  const transportOf: DriverParts['transport'] = (counters) => {
    transport = new ZeromqTransport({ ...settings, beacon, id, keys: security, counters })
    return transport
  }
  const others = () =>
    (discovery ?? (transport?.loopback ? ['host' as const] : [])).filter((used) => used !== 'beacon')
  return {
    clock: systemClock,
    transport: transportOf,
    discoveries: () =>
      others().map((used) => ({
        discovery: used === 'host' ? new HostDirectory() : used,
        required: discovery !== undefined,
      })),
    network: () => {
      const { interface: name, loopback } = transport as ZeromqTransport
      const names = others().map((used) => (used === 'host' ? used : used.name))
      return {
        interface: name,
        loopback,
        discovery: [
          ...(beacon === 'none' ? [] : ['beacon']),
          ...names,
          ...(seeds.length > 0 ? ['seeds'] : []),
        ],
      }
    },
    policy: (options) => {
      if (security === undefined) return new OpenPolicy({ ...options, maxPeers })
      const { context } = transport as ZeromqTransport
      return new CurvePolicy({ ...options, security, context, logger, maxPeers })
    },
  }
}

/**
 * Beacons are of IPv4. Without a choice of the user's they are one way among two on loopback, where some systems know no
 * broadcast.
 */
function beaconOf({ discovery, listen }: Settings): ZeromqTransportOptions['beacon'] {
  if (listen.host?.includes(':') && listen.host !== '::') return 'none'
  if (discovery === undefined) return 'welcome'
  return discovery.includes('beacon') ? 'required' : 'none'
}

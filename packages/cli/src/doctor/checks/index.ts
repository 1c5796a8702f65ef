import type { Check } from '../check.js'
import { addon } from './addon.js'
import { container } from './container.js'
import { descriptors } from './descriptors.js'
import { environment } from './environment.js'
import { groups } from './groups.js'
import { hearOurselves } from './hear-ourselves.js'
import { hostDirectory } from './host-directory.js'
import { networkInterface } from './interface.js'
import { listen } from './listen.js'
import { otherNetworks } from './other-networks.js'
import { packetSize } from './packet-size.js'
import { peers } from './peers.js'
import { runtime } from './runtime.js'
import { seeds } from './seeds.js'
import { stalls } from './stalls.js'
import { turnedAway } from './turned-away.js'
import { udpPort } from './udp-port.js'
import { versions } from './versions.js'
import { wifi } from './wifi.js'
import { wires } from './wires.js'
import { wsl } from './wsl.js'

/** In the order of the output: this machine, its network, the others. */
export const checks: readonly Check[] = [
  runtime,
  addon,
  environment,
  networkInterface,
  container,
  wsl,
  udpPort,
  hostDirectory,
  listen,
  hearOurselves,
  seeds,
  otherNetworks,
  peers,
  turnedAway,
  packetSize,
  stalls,
  groups,
  versions,
  wires,
  wifi,
  descriptors,
]

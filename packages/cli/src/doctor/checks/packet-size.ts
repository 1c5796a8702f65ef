import { type Check, count, type Finding, fail, ok, summed } from '../check.js'
import type { Context } from '../context.js'
import { connectedOf, isMesh, nameOf } from '../mesh.js'

/** Several packets of any network. */
const KIB = 64

/** Whether large messages arrive: a path with a smaller MTU than it says lets small ones pass and swallows large ones. */
export const packetSize: Check = {
  name: 'packet-size',
  async run({ mesh }: Pick<Context, 'mesh'>): Promise<Finding[]> {
    const joined = await mesh()
    // Who does not answer small messages says nothing about large ones.
    const asked = connectedOf(joined).filter(({ roundTrips }) => roundTrips.some(Number.isFinite))
    if (!isMesh(joined) || asked.length === 0) return []
    const answering = await joined.answeringAfter(
      KIB * 1024,
      asked.map(({ id }) => id),
    )
    const findings = asked
      .filter(({ id }) => !answering.has(id))
      .map((peer) =>
        fail(
          `${nameOf(peer)}: small messages arrive, and ${KIB} KiB do not`,
          'The MTU is smaller on the way than the interfaces say, often in a VPN: lower it (ip link set <interface> mtu 1280), or let ICMP "fragmentation needed" pass.',
        ),
      )
    const told = summed(findings, 'node')
    if (answering.size === 0) return told
    return [ok(`${KIB} KiB at once reach ${count(answering.size, 'node')}`), ...told]
  },
}

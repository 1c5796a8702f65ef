import { pageAt } from '@sleuth/core/diagnostics'
import { type Check, type Finding, ok, warn } from '../check.js'
import { type Container, containerOf } from '../container.js'
import type { Context } from '../context.js'

/** The network of an overlay (Swarm): VXLAN takes 50 bytes of each frame. */
const OVERLAY_MTU = 1450
/** Docker's own resolver, which the networks of Compose and Swarm have. */
const DOCKER_DNS = 'nameserver 127.0.0.11'

/** Whether the node is in a container, and which settings such a network needs. */
export const container: Check = {
  name: 'container',
  async run({
    system,
    settings,
    network,
  }: Pick<Context, 'system' | 'settings' | 'network'>): Promise<Finding[]> {
    if (system.platform !== 'linux') return []
    const kind = await containerOf(system)
    if (kind === undefined) return []
    const isSeeded = (settings.discovery?.seeds.length ?? 0) > 0
    if (!(network instanceof Error) && network.loopback) {
      return [ok(`this is a container (${kind}), and nodes are on its loopback: nobody outside it is met`)]
    }
    if (kind === 'kubernetes') return [kubernetes(isSeeded)]
    const name = network instanceof Error ? '' : network.name
    const mtu = Number(await system.read(`/sys/class/net/${name}/mtu`))
    const hasDockerDns = ((await system.read('/etc/resolv.conf')) ?? '').includes(DOCKER_DNS)
    if (kind === 'docker' && hasDockerDns && mtu === OVERLAY_MTU) return [swarm(isSeeded)]
    return [bridge(kind, hasDockerDns, hasHostNetwork(system.interfaces()), isSeeded)]
  },
}

function kubernetes(isSeeded: boolean): Finding {
  if (isSeeded) return ok('this is a pod in Kubernetes, and seeds are set')
  return warn(
    'this is a pod in Kubernetes, where beacons seldom reach other pods, and no seeds are set',
    `Make a headless Service, and set SLEUTH_SEEDS=dns://<its name>:5670, SLEUTH_LISTEN=5670 and SLEUTH_NETWORKS=<the block of all pods>: see ${pageAt('deploy.md#kubernetes')}`,
  )
}

function swarm(isSeeded: boolean): Finding {
  if (isSeeded) return ok('this is a container on an overlay network (Swarm), and seeds are set')
  return warn(
    'this is a container on an overlay network (Swarm), which carries no beacons, and no seeds are set',
    `Set SLEUTH_SEEDS=dns://tasks.<service>:5670 and SLEUTH_LISTEN=5670: see ${pageAt('deploy.md#swarm')}`,
  )
}

function bridge(kind: Container, isNamed: boolean, isHost: boolean, isSeeded: boolean): Finding {
  const place = `this is a container of ${kind[0]?.toUpperCase()}${kind.slice(1)}`
  if (isHost) return ok(`${place} on the network of its host`)
  const text = `${place} on a bridge${isNamed ? ' of its own (Compose)' : ''}: containers on the same bridge hear each other, the host and other machines do not`
  if (isSeeded) return ok(`${text}; seeds are set`)
  return ok(
    `${text}. For others, publish a port and set SLEUTH_SEEDS there: see ${pageAt('deploy.md#from-outside')}`,
  )
}

/** A container that has the host's network sees the bridge of its own runtime. */
function hasHostNetwork(table: NodeJS.Dict<unknown>): boolean {
  return Object.keys(table).some((name) => /^(docker0|br-|podman|cni|virbr)/.test(name))
}

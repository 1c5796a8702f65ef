import { mkdir, rm, writeFile } from 'node:fs/promises'
import { commandIn, ip, prefix, sweep } from './namespaces.js'

/** A container on a bridge. */
export interface Container {
  readonly address: string
  /** The command that runs a program in it. */
  readonly command: readonly string[]
}

/** A host with bridges of containers, as Docker and Kubernetes make them. It routes between its bridges. */
export interface Bridges {
  /** The command that runs a program on the host, which has the address x.x.x.1 on each bridge. */
  readonly host: readonly string[]
  readonly containers: readonly Container[]
  /** Gives the containers a name for addresses. Programs that start later see it. */
  name(name: string, addresses: readonly string[]): Promise<void>
  delete(): Promise<void>
}

let made = 0

/** `networks`: the first three numbers of the addresses on each bridge. The host's first interface is another one. */
export async function createBridges(networks: readonly string[], containersOnEach: number): Promise<Bridges> {
  await sweep()
  made += 1
  const nameOf = (part: string) => `${prefix}${process.pid}-bridges${made}${part}`
  const host = nameOf('host')
  const places = networks.flatMap((network, at) =>
    Array.from({ length: containersOnEach }, (_, number) => ({
      network,
      bridge: `br${at}`,
      end: `veth${at}x${number}`,
      namespace: nameOf(`c${at}x${number}`),
      address: `${network}.${number + 2}`,
    })),
  )
  const namespaces = [host, ...places.map(({ namespace }) => namespace)]
  // `ip netns exec` lays the files of this folder over those of /etc.
  const files = places.map(({ namespace }) => `/etc/netns/${namespace}`)
  const bridges = {
    host: commandIn(host, []),
    containers: places.map(({ namespace, address }) => ({ address, command: commandIn(namespace, []) })),
    name: async (name: string, addresses: readonly string[]) => {
      const hosts = addresses.map((address) => `${address} ${name}\n`).join('')
      for (const folder of files) {
        await mkdir(folder, { recursive: true })
        await writeFile(`${folder}/hosts`, `127.0.0.1 localhost\n${hosts}`)
      }
    },
    delete: async () => {
      await Promise.all(files.map((folder) => rm(folder, { recursive: true, force: true })))
      await Promise.all(namespaces.map((name) => ip('netns', 'delete', name)))
    },
  }
  try {
    for (const name of namespaces) await ip('netns', 'add', name)
    for (const name of namespaces) await ip('-n', name, 'link', 'set', 'lo', 'up')
    await ip('netns', 'exec', host, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
    await addBridge(host, 'a0', '10.77.1.5')
    for (const [at, network] of networks.entries()) await addBridge(host, `br${at}`, `${network}.1`)
    for (const { namespace, network, bridge, end, address } of places) {
      await ip('link', 'add', 'eth0', 'netns', namespace, 'type', 'veth', 'peer', 'name', end, 'netns', host)
      await ip('-n', host, 'link', 'set', end, 'master', bridge, 'up')
      await up(namespace, 'eth0', address)
      await ip('-n', namespace, 'route', 'add', 'default', 'via', `${network}.1`)
    }
  } catch (error) {
    await bridges.delete().catch(() => {})
    throw error
  }
  return bridges
}

async function addBridge(namespace: string, device: string, address: string): Promise<void> {
  await ip('-n', namespace, 'link', 'add', device, 'type', 'bridge')
  await up(namespace, device, address)
}

async function up(namespace: string, device: string, address: string): Promise<void> {
  await ip('-n', namespace, 'addr', 'add', `${address}/24`, 'broadcast', '+', 'dev', device)
  await ip('-n', namespace, 'link', 'set', device, 'up')
}

import { commandIn, ip, prefix, sweep } from './namespaces.js'

/** A host with a bridge of containers, as Docker makes them: the host has the address x.x.x.1 there. */
export interface Bridge {
  /** The command that runs a program on the host. */
  readonly host: readonly string[]
  /** The commands that run a program in a container. */
  readonly containers: readonly (readonly string[])[]
  delete(): Promise<void>
}

let bridges = 0

/** `network`: the first three numbers of its addresses. The host has another interface, which comes first. */
export async function createBridge(network: string, count: number): Promise<Bridge> {
  await sweep()
  bridges += 1
  const nameOf = (part: string) => `${prefix}${process.pid}-bridge${bridges}${part}`
  const host = nameOf('host')
  const containers = Array.from({ length: count }, (_, at) => nameOf(`c${at}`))
  const names = [host, ...containers]
  const bridge = {
    host: commandIn(host, []),
    containers: containers.map((name) => commandIn(name, [])),
    delete: async () => {
      await Promise.all(names.map((name) => ip('netns', 'delete', name)))
    },
  }
  try {
    for (const name of names) await ip('netns', 'add', name)
    for (const name of names) await ip('-n', name, 'link', 'set', 'lo', 'up')
    await ip('-n', host, 'link', 'add', 'a0', 'type', 'bridge')
    await up(host, 'a0', '10.77.1.5')
    await ip('-n', host, 'link', 'add', 'br0', 'type', 'bridge')
    await up(host, 'br0', `${network}.1`)
    for (const [at, name] of containers.entries()) {
      const peer = ['peer', 'name', `veth${at}`, 'netns', host]
      await ip('link', 'add', 'eth0', 'netns', name, 'type', 'veth', ...peer)
      await ip('-n', host, 'link', 'set', `veth${at}`, 'master', 'br0', 'up')
      await up(name, 'eth0', `${network}.${at + 2}`)
      await ip('-n', name, 'route', 'add', 'default', 'via', `${network}.1`)
    }
  } catch (error) {
    await bridge.delete().catch(() => {})
    throw error
  }
  return bridge
}

async function up(namespace: string, device: string, address: string): Promise<void> {
  await ip('-n', namespace, 'addr', 'add', `${address}/24`, 'broadcast', '+', 'dev', device)
  await ip('-n', namespace, 'link', 'set', device, 'up')
}

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { commandIn, ip, prefix, sweep } from './namespaces.js'

const run = promisify(execFile)

/** A host on one of the two subnets. */
export interface RoutedHost {
  readonly address: string
  readonly address6: string
  /** The command line that runs a program there. `resolver`: the file that takes the place of /etc/resolv.conf. */
  command(command: readonly string[], resolver?: string): string[]
}

/** Two subnets with two hosts each, and a router between them, which forwards no broadcast. */
export interface RoutedSite {
  /** 10.78.1.1 and 10.78.1.2. */
  readonly left: readonly [RoutedHost, RoutedHost]
  /** 10.78.2.1 and 10.78.2.2. */
  readonly right: readonly [RoutedHost, RoutedHost]
  /** 10.78.1.254, and 10.78.2.254. */
  readonly router: RoutedHost
  delete(): Promise<void>
}

let sites = 0

export async function createRoutedSite(): Promise<RoutedSite> {
  await sweep()
  sites += 1
  const nameOf = (part: string) => `${prefix}${process.pid}-routed${sites}${part}`
  const routerName = nameOf('router')
  const places = [1, 2].flatMap((subnet) =>
    [1, 2].map((at) => ({ subnet, at, name: nameOf(`${subnet}${at}`) })),
  )
  const names = [routerName, ...places.map(({ name }) => name)]
  const remove = async () => {
    await Promise.all(names.map((name) => ip('netns', 'delete', name)))
  }
  try {
    for (const name of names) await ip('netns', 'add', name)
    for (const name of names) await ip('-n', name, 'link', 'set', 'lo', 'up')
    for (const subnet of [1, 2]) {
      await ip('-n', routerName, 'link', 'add', `net${subnet}`, 'type', 'bridge')
      await up(routerName, `net${subnet}`, subnet, 254)
    }
    const forward = 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
    await run('ip', ['netns', 'exec', routerName, 'sh', '-c', forward])
    for (const { subnet, at, name } of places) {
      const port = `port${subnet}${at}`
      await ip(
        'link',
        'add',
        'eth0',
        'netns',
        name,
        'type',
        'veth',
        'peer',
        'name',
        port,
        'netns',
        routerName,
      )
      await ip('-n', routerName, 'link', 'set', port, 'master', `net${subnet}`, 'up')
      await up(name, 'eth0', subnet, at)
      await ip('-n', name, 'route', 'add', 'default', 'via', `10.78.${subnet}.254`)
      await ip('-6', '-n', name, 'route', 'add', 'default', 'via', `fd78:${subnet}::fe`)
    }
  } catch (error) {
    await remove().catch(() => {})
    throw error
  }
  const hosts = places.map(({ subnet, at, name }) => hostOf(name, subnet, at))
  const [leftA, leftB, rightA, rightB] = hosts as [RoutedHost, RoutedHost, RoutedHost, RoutedHost]
  return {
    left: [leftA, leftB],
    right: [rightA, rightB],
    router: hostOf(routerName, 1, 254),
    delete: remove,
  }
}

function hostOf(name: string, subnet: number, at: number): RoutedHost {
  return {
    address: `10.78.${subnet}.${at}`,
    address6: `fd78:${subnet}::${at.toString(16)}`,
    command: (command, resolver) => {
      if (resolver === undefined) return commandIn(name, command)
      const script = `mount --bind ${resolver} /etc/resolv.conf && exec "$@"`
      return commandIn(name, ['sh', '-c', script, 'sh', ...command])
    },
  }
}

async function up(namespace: string, device: string, subnet: number, at: number): Promise<void> {
  await ip('-n', namespace, 'addr', 'add', `10.78.${subnet}.${at}/24`, 'broadcast', '+', 'dev', device)
  await ip(
    '-6',
    '-n',
    namespace,
    'addr',
    'add',
    `fd78:${subnet}::${at.toString(16)}/64`,
    'dev',
    device,
    'nodad',
  )
  await ip('-n', namespace, 'link', 'set', device, 'up')
}

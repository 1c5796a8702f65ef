import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What the names of all namespaces begin with. */
export const prefix = 'sleuth-test-'

/** A command line as it has to be to run in a namespace. The process keeps its id: it can be killed by it. */
export function commandIn(namespace: string, command: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', namespace, ...command]
}

/** A host: a network namespace with one network device, `veth0`. */
export class Host {
  readonly device = 'veth0'

  constructor(
    readonly name: string,
    /** The address that its device was given first. */
    readonly address: string,
  ) {}

  /** A command line as it has to be to run on this host. */
  command(command: readonly string[]): string[] {
    return commandIn(this.name, command)
  }

  link(state: 'up' | 'down'): Promise<void> {
    return ip('-n', this.name, 'link', 'set', this.device, state)
  }

  /** What a host on a network has: the way to all that it does not know. */
  addDefaultRoute(): Promise<void> {
    return ip('-n', this.name, 'route', 'add', 'default', 'dev', this.device)
  }

  /** Resolves when the device is not only up, but says so: the kernel takes up to a second to tell. */
  async running(device = this.device): Promise<void> {
    while (true) {
      const { stdout } = await run('ip', ['-n', this.name, 'link', 'show', device])
      if (stdout.includes('state UP')) return
      await sleep(20)
    }
  }

  addAddress(address: string): Promise<void> {
    return ip('-n', this.name, 'addr', 'add', `${address}/24`, 'broadcast', '+', 'dev', this.device)
  }

  deleteAddress(address: string): Promise<void> {
    return ip('-n', this.name, 'addr', 'del', `${address}/24`, 'dev', this.device)
  }
}

/** Two hosts, wired to each other. Theirs are the addresses 10.77.0.1 and 10.77.0.2. */
export interface Pair {
  hosts: readonly [Host, Host]
  delete(): Promise<void>
}

/** Why there can be no hosts here; undefined where there can. */
export async function hostsMissing(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const name = `${prefix}${process.pid}-try`
  try {
    await ip('netns', 'add', name)
    await ip('netns', 'delete', name)
  } catch (error) {
    return `no network namespace can be made: ${error instanceof Error ? error.message : error}`
  }
  return undefined
}

let pairs = 0

export async function createPair(): Promise<Pair> {
  await sweep()
  pairs += 1
  const [a, b] = ['a', 'b'].map((letter, at) => {
    return new Host(`${prefix}${process.pid}-${pairs}${letter}`, `10.77.0.${at + 1}`)
  }) as [Host, Host]
  const pair = {
    hosts: [a, b] as const,
    delete: async () => {
      await Promise.all([a, b].map((host) => ip('netns', 'delete', host.name)))
    },
  }
  try {
    for (const host of [a, b]) await ip('netns', 'add', host.name)
    await ip(
      'link',
      'add',
      a.device,
      'netns',
      a.name,
      'type',
      'veth',
      'peer',
      'name',
      b.device,
      'netns',
      b.name,
    )
    for (const host of [a, b]) {
      await ip('-n', host.name, 'link', 'set', 'lo', 'up')
      await host.addAddress(host.address)
      await host.link('up')
    }
    for (const host of [a, b]) await host.running()
  } catch (error) {
    await pair.delete().catch(() => {})
    throw error
  }
  return pair
}

/** A further cable between two hosts: a device of that name at each, with the addresses x.x.x.1 and x.x.x.2. */
export async function wire({ hosts }: Pair, device: string, network: string): Promise<void> {
  const [a, b] = hosts
  const peer = ['peer', 'name', device, 'netns', b.name]
  await ip('link', 'add', device, 'netns', a.name, 'type', 'veth', ...peer)
  for (const [at, host] of hosts.entries()) {
    const address = `${network}.${at + 1}/24`
    await ip('-n', host.name, 'addr', 'add', address, 'broadcast', '+', 'dev', device)
    await ip('-n', host.name, 'link', 'set', device, 'up')
  }
  for (const host of hosts) await host.running(device)
}

/** Two hosts, and the link between them as two devices of a third namespace, which nothing forwards between yet. */
export interface OpenPair extends Pair {
  readonly between: string
  readonly devices: readonly [string, string]
}

export async function createOpenPair(): Promise<OpenPair> {
  await sweep()
  pairs += 1
  const prefixed = (letter: string) => `${prefix}${process.pid}-${pairs}${letter}`
  const hosts = ['a', 'b'].map((letter, at) => new Host(prefixed(letter), `10.77.0.${at + 1}`))
  const between = prefixed('w')
  const pair: OpenPair = {
    hosts: hosts as [Host, Host],
    between,
    devices: ['end0', 'end1'],
    delete: async () => {
      for (const name of [between, ...hosts.map((host) => host.name)]) await ip('netns', 'delete', name)
    },
  }
  try {
    for (const name of [between, ...hosts.map((host) => host.name)]) await ip('netns', 'add', name)
    for (const [at, host] of hosts.entries()) {
      const end = pair.devices[at] as string
      const peer = ['peer', 'name', end, 'netns', between]
      await ip('link', 'add', host.device, 'netns', host.name, 'type', 'veth', ...peer)
      await ip('-n', between, 'link', 'set', end, 'up')
      await ip('-n', host.name, 'link', 'set', 'lo', 'up')
      await host.addAddress(host.address)
      await host.link('up')
    }
    for (const host of hosts) await host.running()
  } catch (error) {
    await pair.delete().catch(() => {})
    throw error
  }
  return pair
}

/**
 * Three hosts, and two switches with a cable between them: the first two hosts are at one, the third is at the other.
 * When the cable is cut, nobody's own link goes down.
 */
export interface Site {
  hosts: readonly [Host, Host, Host]
  cable(state: 'up' | 'down'): Promise<void>
  delete(): Promise<void>
}

export async function createSite(): Promise<Site> {
  await sweep()
  pairs += 1
  const prefixed = (letter: string) => `${prefix}${process.pid}-${pairs}${letter}`
  const hosts = ['a', 'b', 'c'].map((letter, at) => new Host(prefixed(letter), `10.77.0.${at + 1}`))
  const switches = prefixed('s')
  const inside = (...args: string[]) => ip('-n', switches, 'link', ...args)
  const site = {
    hosts: hosts as [Host, Host, Host],
    cable: (state: 'up' | 'down') => inside('set', 'cable0', state),
    delete: async () => {
      for (const name of [switches, ...hosts.map((host) => host.name)]) await ip('netns', 'delete', name)
    },
  }
  try {
    for (const name of [switches, ...hosts.map((host) => host.name)]) await ip('netns', 'add', name)
    for (const name of ['switch0', 'switch1']) {
      await inside('add', name, 'type', 'bridge')
      await inside('set', name, 'up')
    }
    await inside('add', 'cable0', 'type', 'veth', 'peer', 'name', 'cable1')
    for (const at of [0, 1]) await inside('set', `cable${at}`, 'master', `switch${at}`, 'up')
    for (const [at, host] of hosts.entries()) {
      const port = `port${at}`
      const peer = ['peer', 'name', port, 'netns', switches]
      await ip('link', 'add', host.device, 'netns', host.name, 'type', 'veth', ...peer)
      await inside('set', port, 'master', at < 2 ? 'switch0' : 'switch1', 'up')
      await ip('-n', host.name, 'link', 'set', 'lo', 'up')
      await host.addAddress(host.address)
      await host.link('up')
    }
    for (const host of hosts) await host.running()
  } catch (error) {
    await site.delete().catch(() => {})
    throw error
  }
  return site
}

/** Deletes what a test left that was killed before it could. */
export async function sweep(): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'list'])
  for (const [name, pid] of stdout.matchAll(new RegExp(`^${prefix}(\\d+)-\\w+`, 'gm'))) {
    // Another test may sweep at the same time.
    if (!alive(Number(pid))) await ip('netns', 'delete', name).catch(() => {})
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

export async function ip(...args: string[]): Promise<void> {
  await run('ip', args)
}

import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { commandIn, ip, prefix, sweep } from './namespaces.js'

const run = promisify(execFile)
const source = fileURLToPath(new URL('../../hosts/nat.c', import.meta.url))

/** The port of each site's public address that leads to the first of its hosts, and that host's port. */
export const FORWARDED = 5670

export interface NatHost {
  command(command: readonly string[]): string[]
}

/** A site: two hosts, and a router that translates their addresses. */
export interface NatSite {
  readonly publicAddress: string
  readonly hosts: readonly [NatHost, NatHost]
  /** The router starts anew: it no longer knows which connections there are. */
  forgetConnections(): Promise<void>
}

export interface NatSites {
  readonly sites: readonly [NatSite, NatSite, NatSite]
  delete(): Promise<void>
}

let networks = 0

/** Three sites on one wide area network, each behind a router of its own that forwards one port. */
export async function createNatSites(): Promise<NatSites> {
  await sweep()
  const network = ++networks
  const nameOf = (part: string) => `${prefix}${process.pid}-nat${network}${part}`
  const folder = mkdtempSync(join(tmpdir(), 'sleuth-nat-'))
  const numbers = [1, 2, 3]
  const wide = nameOf('wide')
  const names = [wide, ...numbers.flatMap((at) => [nameOf(`r${at}`), nameOf(`a${at}`), nameOf(`b${at}`)])]
  const routers: Router[] = []
  const remove = async () => {
    await Promise.all(routers.map((router) => router.end()))
    await Promise.all(names.map((name) => ip('netns', 'delete', name)))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const program = join(folder, 'nat')
    await run('cc', ['-O2', '-Wall', '-o', program, source])
    for (const name of names) await ip('netns', 'add', name)
    for (const name of names) await ip('-n', name, 'link', 'set', 'lo', 'up')
    await ip('-n', wide, 'link', 'add', 'wide', 'type', 'bridge')
    await ip('-n', wide, 'link', 'set', 'wide', 'up')
    for (const at of numbers) {
      const router = nameOf(`r${at}`)
      await prepareRouter(router, at, wide)
      for (const [number, letter] of ['a', 'b'].entries())
        await addHost(nameOf(`${letter}${at}`), router, at, number + 1)
      for (const other of numbers)
        if (other !== at) await ip('-n', router, 'route', 'add', publicOf(other), 'via', `203.0.113.${other}`)
      const forwarded = `${FORWARDED}:10.79.${at}.1:${FORWARDED}`
      routers.push(await Router.start(commandIn(router, [program, 'nat0', publicOf(at), forwarded])))
    }
  } catch (error) {
    await remove().catch(() => {})
    throw error
  }
  const sites = numbers.map((at) => ({
    publicAddress: publicOf(at),
    hosts: ['a', 'b'].map((letter) => ({
      command: (command: readonly string[]) => commandIn(nameOf(`${letter}${at}`), command),
    })) as unknown as NatSite['hosts'],
    forgetConnections: () => (routers[at - 1] as Router).forget(),
  }))
  return { sites: sites as unknown as NatSites['sites'], delete: remove }
}

const publicOf = (site: number) => `198.51.100.${site}`

async function prepareRouter(name: string, site: number, wide: string): Promise<void> {
  const settings = ['ip_forward=1', 'conf.all.rp_filter=0', 'conf.default.rp_filter=0']
  const script = settings.map((setting) => {
    const [key = '', value] = setting.split('=')
    return `echo ${value} > /proc/sys/net/ipv4/${key.replaceAll('.', '/')}`
  })
  const [command = '', ...args] = commandIn(name, ['sh', '-c', script.join('; ')])
  await run(command, args)
  await addCable(name, 'wan', wide, `port${site}`, 'wide')
  await ip('-n', name, 'addr', 'add', `203.0.113.${site}/24`, 'dev', 'wan')
  await ip('-n', name, 'link', 'set', 'wan', 'up')
  await ip('-n', name, 'link', 'add', 'lan', 'type', 'bridge')
  await ip('-n', name, 'addr', 'add', `10.79.${site}.254/24`, 'broadcast', '+', 'dev', 'lan')
  await ip('-n', name, 'link', 'set', 'lan', 'up')
  await ip('-n', name, 'tuntap', 'add', 'dev', 'nat0', 'mode', 'tun')
  await ip('-n', name, 'link', 'set', 'nat0', 'up')
  await ip('-n', name, 'route', 'add', publicOf(site), 'dev', 'nat0')
  // What hosts inside send to others is translated first.
  await ip('-n', name, 'rule', 'add', 'iif', 'lan', 'lookup', '100')
  await ip('-n', name, 'route', 'add', 'default', 'dev', 'nat0', 'table', '100')
}

async function addHost(name: string, router: string, site: number, at: number): Promise<void> {
  await addCable(name, 'eth0', router, `host${at}`, 'lan')
  await ip('-n', name, 'addr', 'add', `10.79.${site}.${at}/24`, 'broadcast', '+', 'dev', 'eth0')
  await ip('-n', name, 'link', 'set', 'eth0', 'up')
  await ip('-n', name, 'route', 'add', 'default', 'via', `10.79.${site}.254`)
}

/** From a device of one namespace to a port of another one's bridge. */
async function addCable(name: string, device: string, other: string, port: string, bridge: string) {
  const peer = ['peer', 'name', port, 'netns', other]
  await ip('link', 'add', device, 'netns', name, 'type', 'veth', ...peer)
  await ip('-n', other, 'link', 'set', port, 'master', bridge, 'up')
}

/** The program that translates. */
class Router {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  static async start([command = '', ...args]: readonly string[]): Promise<Router> {
    const child = spawn(command, args)
    child.stdin.on('error', () => {})
    child.stderr.pipe(process.stderr)
    const router = new Router(child)
    await router.#expect('ready')
    return router
  }

  async forget(): Promise<void> {
    this.#child.stdin.write('forget\n')
    await this.#expect('ok')
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.stdin.end()
    await once(this.#child, 'close')
  }

  async #expect(answer: string): Promise<void> {
    const { value, done } = await this.#answers.next()
    if (done || value !== answer) throw new Error(`the router answered ${value ?? 'nothing'}`)
  }
}

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'
import { hostsMissing } from './namespaces.js'
import { createRoutedSite, type RoutedHost, type RoutedSite } from './routed.js'

const port = String(20_000 + (process.pid % 10_000))
const programOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const serviceProgram = programOf('../interop/node/service.js')
const clientProgram = programOf('../interop/node/client.js')
const dnsProgram = programOf('./dns-server.js')
const forwarderProgram = programOf('./forwarder.js')

const ask = { method: 'GET', url: 'sleuth://counted/echo', headers: [] }
/** Both subnets. */
const networks = { SLEUTH_NETWORKS: '10.78.0.0/16,fd78::/16' }

interface Stage {
  readonly site: RoutedSite
  readonly context: TestContext
  /** The file that has hosts ask the DNS server of the router. */
  readonly resolver: string
  run(host: RoutedHost, program: string, args: readonly string[], env?: Record<string, string>): LineProcess
  service(host: RoutedHost, env?: Record<string, string>): Promise<LineProcess>
  client(host: RoutedHost, env?: Record<string, string>): Promise<LineProcess>
  dns(): Promise<LineProcess>
}

function onTwoSubnets(body: (stage: Stage) => Promise<void>) {
  return async (context: TestContext) => {
    const started: LineProcess[] = []
    const folder = mkdtempSync(join(tmpdir(), 'sleuth-hosts-'))
    const resolver = join(folder, 'resolv.conf')
    const site = await createRoutedSite()
    writeFileSync(resolver, 'nameserver 10.78.1.254\noptions timeout:1 attempts:2\n')
    const run: Stage['run'] = (host, program, args, env = {}) => {
      const command = host.command([process.execPath, program, ...args], resolver)
      const child = new LineProcess(command, { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '', ...env })
      started.push(child)
      return child
    }
    const ready = async (child: LineProcess) => {
      await child.news('ready')
      return child
    }
    try {
      await body({
        site,
        context,
        resolver,
        run,
        service: (host, env) =>
          ready(run(host, serviceProgram, ['--service', 'counted', '--port', port], env)),
        client: (host, env) => ready(run(host, clientProgram, ['--port', port, '--timeout', '5000'], env)),
        dns: () => ready(run(site.router, dnsProgram, ['10.78.1.254'])),
      })
    } finally {
      await Promise.all(started.map((child) => child.kill()))
      await site.delete()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Calls the service once it is known, and says how long that took. */
async function answers(client: LineProcess, { context }: Stage, since = performance.now()): Promise<void> {
  await client.tell('waitFor', { services: ['counted'] })
  assert.equal((await client.tell('do', ask)).status, 200)
  context.diagnostic(`first answer ${Math.round(performance.now() - since)} ms after both are up`)
}

describeUnless(await hostsMissing(), 'services on two subnets', { concurrency: true }, () => {
  test(
    'do not find each other by beacons',
    onTwoSubnets(async ({ site, service, client }) => {
      await service(site.right[0])
      const caller = await client(site.left[0])
      assert.deepEqual((await caller.ask('do', ask)).codes, [919])
    }),
  )

  test(
    'find each other by a seed',
    onTwoSubnets(async (stage) => {
      const { site, service, client } = stage
      const seeds = `tcp://${site.right[0].address}:5670`
      await service(site.right[0], { ...networks, SLEUTH_LISTEN: '5670' })
      await answers(await client(site.left[0], { ...networks, SLEUTH_SEEDS: seeds }), stage)
    }),
  )

  test(
    'find each other by a seed that comes up later, and again when it restarts',
    onTwoSubnets(async (stage) => {
      const { site, service, client } = stage
      const seeds = `tcp://${site.right[0].address}:5670`
      const caller = await client(site.left[0], { ...networks, SLEUTH_SEEDS: seeds })
      for (let start = 0; start < 2; start++) {
        const seed = await service(site.right[0], { ...networks, SLEUTH_LISTEN: '5670' })
        await answers(caller, stage)
        await seed.kill()
        await caller.news('down')
      }
    }),
  )

  test(
    'need no seed once they know each other',
    onTwoSubnets(async (stage) => {
      const { site, service, client } = stage
      const [first, second] = site.right
      const seeds = [first, second].map(({ address }) => `tcp://${address}:5670`).join()
      const seed = await client(first, { ...networks, SLEUTH_LISTEN: '5670' })
      await service(second, { ...networks, SLEUTH_LISTEN: '5670' })
      const caller = await client(site.left[0], { ...networks, SLEUTH_SEEDS: seeds })
      await answers(caller, stage)
      await seed.kill()
      for (let call = 0; call < 20; call++) assert.equal((await caller.tell('do', ask)).status, 200)
      await client(first, { ...networks, SLEUTH_LISTEN: '5670' })
      for (let call = 0; call < 20; call++) assert.equal((await caller.tell('do', ask)).status, 200)
    }),
  )

  test(
    'find each other by a name with the addresses of all, as of a headless Service or of tasks in Swarm',
    onTwoSubnets(async (stage) => {
      const { site, service, client, dns } = stage
      const [left, right] = [site.left[0], site.right[0]]
      const server = await dns()
      // Their own address, that of one that is gone, and the other's, which comes last.
      const env = { SLEUTH_SEEDS: 'dns://tasks.counted', SLEUTH_LISTEN: '5670' }
      await server.tell('set', { addresses: [left.address, '10.78.2.99'] })
      const caller = await client(left, env)
      await service(right, env)
      await server.tell('set', { addresses: [left.address, '10.78.2.99', right.address] })
      await answers(caller, stage)
    }),
  )

  test(
    'find each other by a name that has no address at first',
    onTwoSubnets(async (stage) => {
      const { site, service, client, dns } = stage
      const server = await dns()
      const env = { ...networks, SLEUTH_SEEDS: 'tcp://counted.svc', SLEUTH_LISTEN: '5670' }
      await server.tell('set', { addresses: [] })
      const caller = await client(site.left[0], env)
      await service(site.right[0], { ...networks, SLEUTH_LISTEN: '5670' })
      await server.tell('set', { addresses: [site.right[0].address] })
      await answers(caller, stage)
    }),
  )

  test(
    'meet at a virtual address, and at the one that it leads to next',
    onTwoSubnets(async (stage) => {
      const { site, run, service, client } = stage
      const [first, second] = site.right
      const balancer = run(site.router, forwarderProgram, ['5670', first.address, '5670'])
      await balancer.news('ready')
      // The caller may not connect to the other subnet, and knows the virtual address alone.
      const services = [
        await service(first, { ...networks, SLEUTH_LISTEN: '5670' }),
        await service(second, { ...networks, SLEUTH_LISTEN: '5670' }),
      ] as const
      const caller = await client(site.left[0], { SLEUTH_SEEDS: `tcp://${site.router.address}:5670` })
      await answers(caller, stage)
      const { instance } = await caller.news('up')
      assert.equal((instance as { endpoint: string }).endpoint, `tcp://${site.router.address}:5670`)
      await balancer.tell('lead', { host: second.address })
      await services[0].kill()
      await caller.news('down')
      await answers(caller, stage)
    }),
  )

  test(
    'find each other over IPv6',
    onTwoSubnets(async (stage) => {
      const { site, service, client } = stage
      const listen = ({ address6 }: RoutedHost) => ({ SLEUTH_LISTEN: `[${address6}]:5670` })
      const seeds = `tcp://[${site.right[0].address6}]:5670`
      await service(site.right[0], { ...networks, ...listen(site.right[0]) })
      const caller = await client(site.left[0], { ...networks, ...listen(site.left[0]), SLEUTH_SEEDS: seeds })
      await answers(caller, stage)
    }),
  )

  test(
    'answer on its own connection who comes from another network that is not named',
    onTwoSubnets(async (stage) => {
      const { site, service, client } = stage
      const seeds = `tcp://${site.right[0].address}:5670`
      await service(site.right[0], { SLEUTH_LISTEN: '5670' })
      const caller = await client(site.left[0], { ...networks, SLEUTH_SEEDS: seeds })
      await answers(caller, stage)
    }),
  )
})

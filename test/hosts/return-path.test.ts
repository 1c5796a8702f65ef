import { execFile } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'
import { hostsMissing } from './namespaces.js'
import { createRoutedSite, type RoutedHost, type RoutedSite } from './routed.js'
import { clientCommand, Stage, serviceCommand, stagePort } from './stage.js'

const execute = promisify(execFile)
const forwarderProgram = fileURLToPath(new URL('forwarder.js', import.meta.url))
/** Ports of the router that lead to the two hosts on the right. */
const forwarded = [String(5671), String(5672)] as const

/**
 * A laptop on the left, and a network of services on the right. The router forwards no packets, but two of its ports lead to
 * hosts on the right: so the right sees connections from the router, as behind NAT, and has no way to the laptop.
 */
class LaptopBehindRouter extends Stage<RoutedSite> {
  async prepare(): Promise<void> {
    const [program, ...args] = this.network.router.command([
      'sh',
      '-c',
      'echo 0 > /proc/sys/net/ipv4/ip_forward',
    ])
    await execute(program as string, args)
    for (const at of [0, 1] as const) {
      const { address } = this.network.right[at]
      const command = [process.execPath, forwarderProgram, forwarded[at], address, stagePort]
      await this.run(this.network.router, command, {})
    }
  }

  service(host: RoutedHost, service: string, env: Record<string, string>): Promise<LineProcess> {
    return this.run(host, serviceCommand(service), env)
  }

  client(host: RoutedHost, env: Record<string, string>): Promise<LineProcess> {
    return this.run(host, clientCommand, env)
  }

  /** What programs on the laptop are told. */
  get outside(): Record<string, string> {
    const seeds = forwarded.map((at) => `tcp://${this.network.left[0].address.replace(/\.1$/, '.254')}:${at}`)
    return { SLEUTH_SEEDS: seeds.join(',') }
  }
}

function behindRouter(body: (stage: LaptopBehindRouter) => Promise<void>) {
  return async (context: TestContext) => {
    const stage = new LaptopBehindRouter(await createRoutedSite(), context)
    try {
      await stage.prepare()
      await body(stage)
    } finally {
      await stage.close()
    }
  }
}

const isService = (service: string) => (line: object) => (line as { service?: string }).service === service
const inside = { SLEUTH_LISTEN: stagePort }

describeUnless(await hostsMissing(), 'a laptop that nobody can connect to', {}, () => {
  for (const [name, right, laptop] of [
    ['and that says nothing of it', inside, {}],
    ['though others may try', { ...inside, SLEUTH_NETWORKS: '10.78.0.0/16' }, {}],
    ['and that says so', inside, { SLEUTH_ADVERTISE: 'none' }],
  ] as const) {
    test(
      `calls into the mesh and offers it a service: one ${name}`,
      behindRouter(async (stage) => {
        const { left, right: hosts } = stage.network
        await stage.service(hosts[0], 'mesh-service', right)
        const caller = await stage.client(hosts[1], right)
        const outside = { ...stage.outside, ...laptop }
        const client = await stage.client(left[0], outside)
        await stage.answers(client, 'mesh-service')
        const service = await stage.service(left[0], 'laptop-service', outside)
        await stage.answers(caller, 'laptop-service')
        const since = performance.now()
        await service.kill()
        await caller.news('down', isService('laptop-service'))
        stage.context.diagnostic(`killed, and known to be after ${Math.round(performance.now() - since)} ms`)
        await stage.service(left[0], 'laptop-service', outside)
        await stage.answers(caller, 'laptop-service')
        await stage.answers(client, 'mesh-service')
      }),
    )
  }
})

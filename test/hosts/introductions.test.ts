import { execFile } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { buildGo, type GoPrograms } from '../interop/build-go.js'
import type { LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'
import { hostsMissing } from './namespaces.js'
import { createRoutedSite, type RoutedSite } from './routed.js'
import { clientCommand, Stage, serviceCommand, stagePort } from './stage.js'

const execute = promisify(execFile)
/** Both subnets. */
const networks = { SLEUTH_NETWORKS: '10.78.0.0/16' }

/** Programs on two subnets with a router between them. Only the left knows where a node of the right is. */
class TwoSubnets extends Stage<RoutedSite> {
  /** On the right, where beacons alone lead to it. */
  service(at: 0 | 1, service: string, env: Record<string, string> = {}): Promise<LineProcess> {
    return this.run(this.network.right[at], serviceCommand(service), { ...networks, ...env })
  }

  /** The node on the right that the left knows. */
  seed(): Promise<LineProcess> {
    return this.service(0, 'seed', { SLEUTH_LISTEN: stagePort })
  }

  /** On the left. */
  client(at: 0 | 1 = 0): Promise<LineProcess> {
    const seed = `tcp://${this.network.right[0].address}:${stagePort}`
    return this.run(this.network.left[at], clientCommand, { ...networks, SLEUTH_SEEDS: seed })
  }

  /** Whether the router forwards. */
  async forward(does: boolean): Promise<void> {
    const script = `echo ${does ? 1 : 0} > /proc/sys/net/ipv4/ip_forward`
    const [program, ...args] = this.network.router.command(['sh', '-c', script])
    await execute(program as string, args)
  }
}

function onTwoSubnets(body: (stage: TwoSubnets) => Promise<void>) {
  return async (context: TestContext) => {
    const stage = new TwoSubnets(await createRoutedSite(), context)
    try {
      await body(stage)
    } finally {
      await stage.close()
    }
  }
}

const isService = (service: string) => (line: object) => (line as { service?: string }).service === service

describeUnless(
  await hostsMissing(),
  'services on two subnets of which one knows a node of the other',
  {},
  () => {
    test(
      'call those that nobody told them of, whichever was first',
      onTwoSubnets(async (stage) => {
        await stage.seed()
        await stage.service(1, 'early')
        const client = await stage.client()
        await stage.answers(client, 'early')
        await stage.service(1, 'late')
        await stage.answers(client, 'late')
        // One on the left that has no seed learns it from its neighbour.
        const other = await stage.run(stage.network.left[1], clientCommand, networks)
        await stage.answers(other, 'early')
      }),
    )

    test(
      'go on when the only seed is gone, and learn of those that come later',
      onTwoSubnets(async (stage) => {
        const seed = await stage.seed()
        await stage.service(1, 'early')
        const client = await stage.client()
        await client.tell('waitFor', { services: ['early'] })
        await seed.kill()
        await client.news('down', isService('seed'))
        await stage.answers(client, 'early')
        await stage.service(0, 'late')
        await stage.answers(client, 'late')
      }),
    )

    test(
      'are apart while the router is down, and one network again after it',
      onTwoSubnets(async (stage) => {
        await stage.seed()
        await stage.service(1, 'counted')
        const client = await stage.client()
        await stage.answers(client, 'counted')
        await stage.forward(false)
        await client.news('down', isService('counted'))
        await stage.forward(true)
        await stage.answers(client, 'counted')
      }),
    )
  },
)

const missing = await hostsMissing()
const go = missing === undefined ? await buildGo() : { missing }

describeUnless('missing' in go ? go.missing : undefined, 'a Go service on another subnet', {}, () => {
  test(
    'is called: a Node node of its own subnet introduces it',
    onTwoSubnets(async (stage) => {
      await stage.seed()
      const { service } = go as GoPrograms
      const command = [service, '--service', 'go-service', '--port', stagePort, '--interface', 'eth0']
      await stage.run(stage.network.right[1], command, { BEACON_BROADCAST: '1' })
      const client = await stage.client()
      await stage.answers(client, 'go-service')
    }),
  )
})

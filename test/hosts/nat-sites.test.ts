import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { emulatedLinkMissing } from './emulated-link.js'
import type { LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'
import { createNatSites, FORWARDED, type NatHost, type NatSites } from './nat-sites.js'
import { clientCommand, Stage, serviceCommand } from './stage.js'

/** At each site a service on the host that the forwarded port leads to, and a program on the other host. */
class ThreeSites extends Stage<NatSites> {
  /** The service of a site that has the public endpoint, as `examples/deploy/sites` sets it up. */
  gate(site: 0 | 1 | 2): Promise<LineProcess> {
    return this.service(this.network.sites[site].hosts[0], `gate-${site}`, this.gateOf(site))
  }

  service(host: NatHost, service: string, env: Record<string, string>): Promise<LineProcess> {
    return this.run(host, serviceCommand(service), env)
  }

  client(site: 0 | 1 | 2): Promise<LineProcess> {
    return this.run(this.network.sites[site].hosts[1], clientCommand, this.outward(site))
  }

  /** A program that has the public endpoint of its site, and calls. */
  gateClient(site: 0 | 1 | 2): Promise<LineProcess> {
    return this.run(this.network.sites[site].hosts[0], clientCommand, this.gateOf(site))
  }

  /** What the program is told that has the public endpoint. */
  gateOf(site: 0 | 1 | 2): Record<string, string> {
    return {
      SLEUTH_LISTEN: String(FORWARDED),
      SLEUTH_ADVERTISE: `tcp://${this.network.sites[site].publicAddress}:${FORWARDED}`,
      ...this.outward(site),
    }
  }

  /** The other sites. */
  outward(site: number): Record<string, string> {
    const others = this.network.sites.filter((_, at) => at !== site)
    return { SLEUTH_SEEDS: others.map((one) => `tcp://${one.publicAddress}:${FORWARDED}`).join(',') }
  }

  /** Resolves when the service answers. Of those that meet it for the first time, no call may fail. */
  override async answers(client: LineProcess, service: string, mayFail = false): Promise<void> {
    const since = performance.now()
    await client.tell('waitFor', { services: [service] })
    for (let failures = 0; ; failures++) {
      const answer = await client.ask('do', { method: 'GET', url: `sleuth://${service}/echo`, headers: [] })
      if (answer.message === undefined) {
        assert.equal(answer.status, 200)
        const took = Math.round(performance.now() - since)
        this.context.diagnostic(`${service} answers after ${took} ms and ${failures} failed calls`)
        return
      }
      assert.ok(mayFail && performance.now() - since < 60_000, `${service}: ${answer.message}`)
      await sleep(100)
    }
  }
}

function atThreeSites(body: (stage: ThreeSites) => Promise<void>) {
  return async (context: TestContext) => {
    const stage = new ThreeSites(await createNatSites(), context)
    try {
      await body(stage)
    } finally {
      await stage.close()
    }
  }
}

describeUnless(
  await emulatedLinkMissing(),
  'three sites behind NAT with one public endpoint each',
  { concurrency: true },
  () => {
    test(
      'are called from every other host, and again after one of them died and came back',
      atThreeSites(async (stage) => {
        const gates = await Promise.all(([0, 1, 2] as const).map((site) => stage.gate(site)))
        const clients = await Promise.all(([0, 1, 2] as const).map((site) => stage.client(site)))
        for (const client of clients)
          for (const site of [0, 1, 2]) await stage.answers(client, `gate-${site}`)
        await (gates[2] as LineProcess).kill()
        await stage.gate(2)
        for (const client of clients) await stage.answers(client, 'gate-2', true)
      }),
    )

    test(
      'call the services of hosts that nobody can connect to',
      atThreeSites(async (stage) => {
        const callers = await Promise.all(([1, 2] as const).map((site) => stage.gateClient(site)))
        const service = await stage.service(stage.network.sites[0].hosts[1], 'inner', stage.outward(0))
        for (const caller of callers) await stage.answers(caller, 'inner')
        await service.kill()
        const gone = (line: object) => (line as { service?: string }).service === 'inner'
        await Promise.all(callers.map((caller) => caller.news('down', gone)))
        await stage.service(stage.network.sites[0].hosts[1], 'inner', stage.outward(0))
        for (const caller of callers) await stage.answers(caller, 'inner')
      }),
    )

    test(
      'go on when a router starts anew and knows no connection any more',
      atThreeSites(async (stage) => {
        await Promise.all(([0, 1, 2] as const).map((site) => stage.gate(site)))
        const client = await stage.client(0)
        for (const site of [1, 2]) await stage.answers(client, `gate-${site}`)
        await stage.network.sites[0].forgetConnections()
        for (const site of [1, 2]) await stage.answers(client, `gate-${site}`, true)
        await stage.network.sites[1].forgetConnections()
        for (const site of [1, 2]) await stage.answers(client, `gate-${site}`, true)
      }),
    )
  },
)

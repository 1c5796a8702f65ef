import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readYaml } from '../deploy/manifests.js'
import { Program } from '../examples/program.js'
import { answerOf } from './answer-of.js'
import { type Bridges, createBridges } from './bridge.js'
import { describeUnless } from './missing.js'
import { hostsMissing } from './namespaces.js'

const port = 20_000 + (process.pid % 10_000)

/** Programs of the deployment examples, on the networks that Docker and Kubernetes make for them. */
interface Network {
  readonly bridges: Bridges
  start(name: string, within: readonly string[], env: Record<string, string>): Program
}

function onBridges(networks: string[], count: number, body: (network: Network) => Promise<void>) {
  return async () => {
    const programs: Program[] = []
    const bridges = await createBridges(networks, count)
    try {
      const start = (name: string, within: readonly string[], env: Record<string, string>) => {
        // What the image does not set is not set here either.
        const bare = { SLEUTH_INTERFACE: undefined, ZSYS_INTERFACE: undefined }
        const program = new Program([`examples/deploy/app/${name}.js`], port, {
          within,
          env: { ...bare, ...env },
        })
        programs.push(program)
        return program
      }
      await body({ bridges, start })
    } finally {
      await Promise.all(programs.map((program) => program.kill()))
      await bridges.delete()
    }
  }
}

describeUnless(await hostsMissing(), 'the deployment examples', {}, () => {
  test(
    'compose: containers on one bridge find each other with nothing set',
    onBridges(['172.29.0'], 4, async ({ bridges, start }) => {
      const { services } = readYaml('compose/compose.yaml')[0]
      const [first, ...others] = bridges.containers.map(({ command }) => command)
      assert.ok(first)
      const web = start('web', first, services.web.environment ?? {})
      for (const container of others) start('hello', container, services.hello.environment ?? {})
      assert.match(await answerOf(web, first), /^200 Hello from /)
    }),
  )

  test(
    'compose-host: a process on the host finds the containers by the subnet of their bridge',
    onBridges(['172.30.0'], 2, async ({ bridges, start }) => {
      const { environment } = readYaml('compose-host/compose.yaml')[0].services.hello
      for (const { command } of bridges.containers) start('hello', command, environment)
      const web = start('web', bridges.host, environment)
      assert.match(await answerOf(web, bridges.host), /^200 Hello from /)
      assert.match(web.output, /tcp:\/\/172\.30\.0\.1:/)
    }),
  )

  test(
    'swarm: tasks find each other by the name of a service, without beacons',
    onBridges(['10.20.0'], 3, async ({ bridges, start }) => {
      const { services } = readYaml('swarm/stack.yaml')[0]
      const [first, ...others] = bridges.containers
      assert.ok(first)
      await bridges.name(
        'tasks.hello',
        others.map(({ address }) => address),
      )
      const web = start('web', first.command, { ...services.web.environment, SLEUTH_DISCOVERY: 'none' })
      for (const { command } of others) {
        start('hello', command, { ...services.hello.environment, SLEUTH_DISCOVERY: 'none' })
      }
      assert.match(await answerOf(web, first.command), /^200 Hello from /)
    }),
  )

  test(
    'kubernetes: pods of two nodes, each with a subnet of its own, find each other by a headless Service',
    onBridges(['10.244.1', '10.244.2'], 2, async ({ bridges, start }) => {
      const { data } = readYaml('kubernetes/sleuth.yaml').find(({ kind }) => kind === 'ConfigMap')
      const [first, , ...others] = bridges.containers
      assert.ok(first)
      await bridges.name(
        'hello',
        others.map(({ address }) => address),
      )
      const web = start('web', first.command, data)
      for (const { command } of others) start('hello', command, data)
      assert.match(await answerOf(web, first.command), /^200 Hello from /)
    }),
  )
})

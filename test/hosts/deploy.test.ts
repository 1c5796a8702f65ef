import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { readYaml } from '../deploy/manifests.js'
import { Program } from '../examples/program.js'
import { type Bridge, createBridge } from './bridge.js'
import { describeUnless } from './missing.js'
import { hostsMissing } from './namespaces.js'

const run = promisify(execFile)
const port = 20_000 + (process.pid % 10_000)

/** Programs of the deployment examples, on the network that Docker makes for them. */
interface Network {
  readonly bridge: Bridge
  start(name: string, within: readonly string[], env: Record<string, string>): Program
}

function onBridge(network: string, count: number, body: (network: Network) => Promise<void>) {
  return async () => {
    const programs: Program[] = []
    const bridge = await createBridge(network, count)
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
      await body({ bridge, start })
    } finally {
      await Promise.all(programs.map((program) => program.kill()))
      await bridge.delete()
    }
  }
}

/** What the HTTP server of a program answers to one on the same host. */
async function answerOf(program: Program, within: readonly string[]): Promise<string> {
  const [, url = ''] = await program.prints(/listens at (\S+)/)
  const code = `fetch('${url}').then(async (response) => console.log(response.status, await response.text()))`
  const [command = '', ...args] = [...within, process.execPath, '-e', code]
  const { stdout } = await run(command, args)
  return stdout
}

describeUnless(await hostsMissing(), 'the deployment examples', {}, () => {
  test(
    'compose: containers on one bridge find each other with nothing set',
    onBridge('172.29.0', 4, async ({ bridge, start }) => {
      const { services } = readYaml('compose/compose.yaml')[0]
      const [first = [], ...others] = bridge.containers
      const web = start('web', first, services.web.environment ?? {})
      for (const container of others) start('hello', container, services.hello.environment ?? {})
      assert.match(await answerOf(web, first), /^200 Hello from /)
    }),
  )

  test(
    'compose-host: a process on the host finds the containers by the subnet of their bridge',
    onBridge('172.30.0', 2, async ({ bridge, start }) => {
      const { environment } = readYaml('compose-host/compose.yaml')[0].services.hello
      for (const container of bridge.containers) start('hello', container, environment)
      const web = start('web', bridge.host, environment)
      assert.match(await answerOf(web, bridge.host), /^200 Hello from /)
      assert.match(web.output, /tcp:\/\/172\.30\.0\.1:/)
    }),
  )
})

import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createSleuth, generateKeys, type Sleuth, type SleuthOptions } from '@sleuth/core'
import { freePort } from '../port.js'

const program = fileURLToPath(new URL('caller.js', import.meta.url))

/** `npm run test:nodes` gives another version of Node for the other process. */
const { OTHER_NODE = process.execPath } = process.env

const [own, other] = [generateKeys(), generateKeys()]
const allow = [own.publicKey, other.publicKey]
const BYTES = 3_000_000

async function start(t: TestContext, port: number): Promise<{ sleuth: Sleuth; child: ChildProcess }> {
  const common = { interface: 'loopback', port, timeout: 20_000 } satisfies SleuthOptions
  const security = JSON.stringify({ security: { ...other, allow } })
  const child = fork(program, [String(port), security], { execPath: OTHER_NODE, execArgv: [] })
  t.after(() => child.kill('SIGKILL'))
  const handler = (req: IncomingMessage, res: ServerResponse) => req.pipe(res)
  const ready = once(child, 'message')
  const sleuth = await createSleuth({ ...common, service: 'own', security: { ...own, allow }, handler })
  t.after(() => sleuth.close())
  await ready
  return { sleuth, child }
}

/** By which calls go, as each of both sees it. */
async function directlyConnected(sleuth: Sleuth): Promise<boolean[]> {
  const id = sleuth.services().find(({ service }) => service === 'other')?.instances[0]?.id ?? assert.fail()
  const { links } = await sleuth.inspect(id, 'links', { timeout: 20_000 })
  return links.map(({ direct, encrypted }) => direct && encrypted)
}

async function leave(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.send({})
  assert.deepEqual(await exited, [0, null])
}

/** Who calls first makes the connection. */
for (const first of ['this one', 'the other'] as const)
  test(`two processes, of two versions of Node, call each other with keys: ${first} calls first`, async (t) => {
    const { sleuth, child } = await start(t, await freePort())
    const calls = {
      'this one': async () => {
        await sleuth.waitFor('other')
        const body = Buffer.alloc(BYTES, 'y')
        const response = await sleuth.request('sleuth://other/', { method: 'POST', body })
        assert.ok(response.body.equals(body))
      },
      'the other': async () => {
        const told = once(child, 'message')
        child.send({ call: 'own', bytes: BYTES })
        assert.deepEqual(await told, [{ echoed: true }, undefined])
      },
    }
    await calls[first]()
    await sleuth.waitFor('other')
    while (!(await directlyConnected(sleuth)).includes(true)) await calls[first]()
    await calls['this one']()
    await calls['the other']()
    assert.deepEqual(await directlyConnected(sleuth), [true])
    const { SLEUTH_CONNECTION, SLEUTH_PACKET } = sleuth.stats().dropped
    assert.deepEqual([SLEUTH_CONNECTION, SLEUTH_PACKET], [undefined, undefined])
    await leave(child)
  })

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'
import { createSite, hostsMissing } from './namespaces.js'

const port = String(20_000 + (process.pid % 10_000))
const program = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url))
const copied = { NODE_OPTIONS: `--import ${program('same-id')}`, SAME_ID: 'A1'.repeat(16) }

describeUnless(await hostsMissing(), 'a process whose memory is a copy of another one’s', {}, () => {
  test('both say what is wrong and what to do, nobody else is harmed, and with one of them gone all is well', async () => {
    const site = await createSite()
    const started: LineProcess[] = []
    const start = (host: 0 | 1 | 2, name: string, env: Record<string, string>, ...args: string[]) => {
      const command = site.hosts[host].command([process.execPath, program(name), port, ...args])
      const child = new LineProcess(command, { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '', ...env })
      started.push(child)
      return child
    }
    try {
      const service = (host: 0 | 1, name: string, env = {}) =>
        start(host, 'link-service', env, name, '2', '1500')
      const original = service(0, 'foo', copied)
      const copy = service(1, 'foo', copied)
      const others = [service(0, 'bar'), service(1, 'bar')]
      const caller = start(2, 'link-caller', {}, '1500')
      await Promise.all(started.map((one) => one.news('ready')))
      await caller.tell('waitFor', { services: ['foo', 'bar'] })

      const calls = (name: string) =>
        caller.ask('calls', { service: name, url: '/', count: 200, bytes: 10, inTurn: true, timeout: 2000 })
      const during = calls('bar')
      for (const one of [original, copy]) {
        const { message } = await one.news('log', ({ reason }) => reason === 'own-identity')
        assert.match(String(message), /start either process anew/)
      }
      assert.deepEqual((await during).failed, {})
      assert.deepEqual((await calls('bar')).failed, {})
      assert.ok([original, copy, ...others].every(({ running }) => running))

      await copy.kill()
      for (let sound = 0; sound < 20; ) {
        const one = { service: 'foo', url: '/', count: 1, bytes: 10, timeout: 500 }
        const { failed } = await caller.ask('calls', one)
        sound = Object.keys(failed as object).length === 0 ? sound + 1 : 0
      }
    } finally {
      await Promise.all(started.map((one) => one.kill()))
      await site.delete()
    }
  })
})

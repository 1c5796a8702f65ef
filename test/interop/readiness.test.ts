import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { after, before, test } from 'node:test'
import { createSleuth, type Logger, type Sleuth } from '@sleuth/core'
import { describeUnless } from '../hosts/missing.js'
import { buildGo, type GoPrograms } from './build-go.js'
import { Caller } from './caller.js'
import { freshPort, Network } from './network.js'

const built = await buildGo()

/** Calls after which Go surely knows both instances. */
const MOST_CALLS = 100

describeUnless('missing' in built ? built.missing : undefined, 'readiness and questions', {}, () => {
  let network: Network
  const joined: Sleuth[] = []
  before(() => {
    network = Network.loopback(built as GoPrograms)
  })
  after(async () => {
    for (const sleuth of joined) await sleuth.close()
    await network?.close()
  })

  /** An instance of `foo` that says who it is, and what it logs. */
  async function serve(port: number, name: string) {
    const state = { ready: true }
    const said = new EventEmitter()
    const info = (_fields: object, message: string) => void said.emit(message)
    const logger: Logger = { trace() {}, debug() {}, info, warn() {}, error() {} }
    const sleuth = await createSleuth({
      interface: 'loopback',
      port,
      logger,
      service: 'foo',
      ready: () => state.ready,
      handler: (_req, res) => res.end(name),
    })
    joined.push(sleuth)
    return { sleuth, state, said }
  }

  test('to a Go caller an instance that is not ready answers 503, unless none is ready', async () => {
    const port = freshPort()
    const one = await serve(Number(port), 'one')
    const other = await serve(Number(port), 'other')
    await one.sleuth.waitFor('foo')
    await other.sleuth.waitFor('foo')
    const caller = new Caller('Go', await network.goClient(port))
    await caller.waitFor('foo')
    const call = async () => {
      const { status, headers, body } = await caller.call('GET', 'sleuth://foo/')
      if (status === 200) return body.toString()
      assert.deepEqual(
        [status, headers['x-sleuth-error'], headers['retry-after']],
        [503, ['overloaded'], ['1']],
      )
      return String(status)
    }
    // Each in its turn; but a call that Go has missed the reply to is made again.
    const callBoth = async () => {
      const seen = new Set<string>()
      for (let made = 0; made < MOST_CALLS && seen.size < 2; made++) seen.add(await call())
      for (let made = 0; made < 4; made++) seen.add(await call())
      return [...seen].sort()
    }
    assert.deepEqual(await callBoth(), ['one', 'other'])

    const heard = once(other.said, 'sleuth: an instance is not ready')
    one.state.ready = false
    await heard
    assert.deepEqual(await callBoth(), ['503', 'other'])

    const both = once(one.said, 'sleuth: an instance is not ready')
    other.state.ready = false
    await both
    assert.deepEqual(await callBoth(), ['one', 'other'])
  })

  test('a Go service is not asked', async () => {
    const port = freshPort()
    await network.goService(port, 'go-service')
    const sleuth = await createSleuth({ interface: 'loopback', port: Number(port) })
    joined.push(sleuth)
    await sleuth.waitFor('go-service')
    const id = sleuth.services()[0]?.instances[0]?.id ?? assert.fail()
    await assert.rejects(sleuth.inspect(id, 'info'), { code: 'SLEUTH_INSPECT_UNSUPPORTED' })
    assert.equal(sleuth.services()[0]?.instances[0]?.ready, true)
  })
})

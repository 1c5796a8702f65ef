import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { CHECK_MS, ReadinessCheck } from '#src/node/readiness-check.js'
import { controlPacket } from '#src/transport/streams/control-packet.js'
import type { SleuthOptions } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join, mirror, mockTime, restoreTime, settle, tick } from '../harness.js'

describe('the check of options.ready', () => {
  let answer: () => unknown
  let told: (boolean | string)[]
  let asked: number
  let check: ReadinessCheck

  beforeEach(() => {
    mockTime()
    told = []
    asked = 0
    check = new ReadinessCheck({
      ready: () => {
        asked++
        return answer()
      },
      changed: (isReady) => told.push(isReady),
      failed: (why) => told.push(why),
      checked: () => {},
    })
  })

  afterEach(() => {
    check.close()
    restoreTime()
  })

  it('is made at once and then every second, and tells of changes', () => {
    answer = () => true
    check.start()
    assert.deepEqual([asked, told], [1, [true]])
    tick(CHECK_MS - 1)
    assert.equal(asked, 1)
    answer = () => false
    tick(1)
    tick(CHECK_MS)
    assert.deepEqual([asked, told], [3, [true, false]])
    check.close()
    tick(CHECK_MS)
    assert.equal(asked, 3)
  })

  it('takes nothing but true for yes', async () => {
    for (const value of [1, 'yes', {}, undefined, null, Promise.resolve(1)]) {
      answer = () => value
      check.start()
      await settle(1)
      assert.equal(check.isReady, false)
    }
  })

  it('tells once why there is no answer, until there is one', async () => {
    answer = () => {
      throw new Error('no database')
    }
    check.start()
    answer = () => Promise.reject(new Error('still none'))
    tick(CHECK_MS)
    await settle(1)
    assert.deepEqual(told, ['threw: no database'])
    answer = async () => true
    tick(CHECK_MS)
    await settle(1)
    answer = () => Promise.reject(new Error('gone'))
    tick(CHECK_MS)
    await settle(1)
    assert.deepEqual(told, ['threw: no database', true, 'was rejected: gone', false])
  })

  it('does not ask again while it waits; after a second without an answer that is no', async () => {
    answer = () => true
    check.start()
    let resolve: ((value: boolean) => void) | undefined
    answer = () => new Promise((settled) => (resolve = settled))
    tick(CHECK_MS)
    assert.deepEqual([asked, told], [2, [true]])
    tick(CHECK_MS)
    tick(CHECK_MS)
    assert.deepEqual([asked, told], [2, [true, 'did not settle its promise within 1000 ms', false]])
    resolve?.(true)
    await settle(1)
    assert.equal(check.isReady, true)
    answer = () => true
    tick(CHECK_MS)
    assert.equal(asked, 3)
  })

  it('tells nothing once it is closed', async () => {
    answer = async () => true
    check.start()
    check.close()
    await settle(1)
    assert.deepEqual(told, [])
  })
})

describe('an instance that is not ready', () => {
  beforeEach(mockTime)
  afterEach(restoreTime)

  interface Switch {
    ready: boolean
    calls: number
  }

  const serve = async (network: FakeNetwork, options: SleuthOptions = {}) => {
    const state: Switch = { ready: true, calls: 0 }
    const handler: SleuthOptions['handler'] = (_, res) => {
      state.calls++
      res.end()
    }
    const joined = await join(network, { service: 'foo', handler, ready: () => state.ready, ...options })
    return { ...joined, state }
  }

  const set = async (state: Switch, ready: boolean) => {
    state.ready = ready
    tick(CHECK_MS)
    await settle()
  }

  async function mesh() {
    const network = new FakeNetwork()
    const one = await serve(network)
    const other = await serve(network)
    const { sleuth } = await join(network)
    await settle()
    const call = async (times: number) => {
      const before = [one, other].map(({ state }) => state.calls)
      for (let made = 0; made < times; made++) {
        const sent = sleuth.request('sleuth://foo/', { method: 'POST' })
        await settle()
        assert.equal((await sent).status, 200)
      }
      return [one, other].map(({ state }, at) => state.calls - (before[at] as number))
    }
    const ready = () => sleuth.services()[0]?.instances.map((instance) => instance.ready)
    return { network, one, other, sleuth, call, ready }
  }

  it('gets no calls while another is, and gets them again when it is ready', async () => {
    const { one, call, ready } = await mesh()
    assert.deepEqual(await call(4), [2, 2])
    await set(one.state, false)
    assert.deepEqual(ready(), [false, true])
    assert.deepEqual(await call(4), [0, 4])
    await set(one.state, true)
    assert.deepEqual(ready(), [true, true])
    assert.deepEqual(await call(4), [2, 2])
  })

  it('gets calls as before when no other is ready', async () => {
    const { one, other, call, ready } = await mesh()
    await set(one.state, false)
    await set(other.state, false)
    assert.deepEqual(ready(), [false, false])
    assert.deepEqual(await call(4), [2, 2])
    await set(other.state, true)
    assert.deepEqual(await call(4), [0, 4])
  })

  it('says so to one that comes later', async () => {
    const { network, one } = await mesh()
    await set(one.state, false)
    const late = await join(network)
    // On this network a node is met before anything can be sent to it.
    tick(CHECK_MS)
    await settle()
    assert.deepEqual(
      late.sleuth.services()[0]?.instances.map((instance) => instance.ready),
      [false, true],
    )
    assert.equal((await late.sleuth.inspect(one.node.id, 'info')).ready, false)
  })

  it('says so again if that could not be sent', async () => {
    const { one, ready } = await mesh()
    one.node.failure = new Error('full')
    await set(one.state, false)
    assert.deepEqual(ready(), [true, true])
    one.node.failure = undefined
    await set(one.state, false)
    assert.deepEqual(ready(), [false, true])
    const { length } = one.node.sent
    await set(one.state, false)
    assert.equal(one.node.sent.length, length, 'it is told once')
  })

  it('refuses requests of nodes that do not know that, so that they ask another', async () => {
    const { network, one, other } = await mesh()
    await set(one.state, false)
    const old = await join(network, { wire: 1 })
    const sent = Promise.all(
      Array.from({ length: 4 }, () => old.sleuth.request('sleuth://foo/', { method: 'POST' })),
    )
    await settle(30)
    assert.deepEqual(
      (await sent).map(({ status }) => status),
      [200, 200, 200, 200],
    )
    assert.deepEqual([one.state.calls, other.state.calls], [0, 4])
    assert.equal(one.sleuth.stats().dropped.unready, one.sleuth.stats().refused)
    assert.ok(one.sleuth.stats().refused > 0)
    // With no other that is ready it answers them.
    await set(other.state, false)
    const last = old.sleuth.request('sleuth://foo/')
    await settle(30)
    assert.equal((await last).status, 200)
  })

  it('is not ready before its app says so the first time', async () => {
    const network = new FakeNetwork()
    let settleReady: ((ready: boolean) => void) | undefined
    const ready = () => new Promise<boolean>((resolve) => (settleReady = resolve))
    const { node } = await join(network, { service: 'foo', handler: mirror, ready })
    const { sleuth } = await join(network)
    tick(CHECK_MS)
    await settle()
    const known = () => sleuth.services()[0]?.instances[0]?.ready
    assert.equal(known(), false)
    settleReady?.(true)
    await settle()
    assert.equal(known(), true)
    assert.equal((await sleuth.inspect(node.id, 'info')).ready, true)
  })

  it('logs once that its app can not say', async () => {
    const network = new FakeNetwork()
    const ready = () => {
      throw new Error('no database')
    }
    const { lines } = await join(network, { service: 'foo', handler: mirror, ready })
    tick(CHECK_MS)
    tick(CHECK_MS)
    const said = lines.filter(({ fields }) => fields.code === 'SLEUTH_READY')
    assert.equal(said.length, 1)
    assert.match(said[0]?.message ?? '', /threw: no database/)
  })

  it('tells nobody without a service, and checks no more once it leaves', async () => {
    const network = new FakeNetwork()
    let asked = 0
    const ready = () => {
      asked++
      return false
    }
    const client = await join(network, { ready })
    const { sleuth } = await join(network)
    await settle()
    assert.deepEqual(client.node.sent, [])
    assert.equal((await sleuth.inspect(client.node.id, 'info')).ready, false)
    await client.sleuth.leave()
    const before = asked
    tick(CHECK_MS)
    assert.equal(asked, before)
  })

  it('of which nothing can be read is as it was', async () => {
    const { network, one, ready, sleuth } = await mesh()
    const client = [...network.nodes.values()].at(-1) ?? assert.fail()
    one.node.whisper(client.id, controlPacket([{ kind: 0x0f, bytes: Buffer.alloc(0) }]))
    await settle()
    assert.deepEqual(ready(), [true, true])
    assert.equal(sleuth.stats().dropped['ready-message'], 1)
    one.node.whisper(client.id, controlPacket([{ kind: 0x0f, bytes: Buffer.of(0, 7) }]))
    await settle()
    assert.deepEqual(ready(), [false, true])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { DoInit, Sleuth } from '@sleuth/core'
import { createTestNetwork, type Target, type TestNetwork } from '@sleuth/testing'

const PATIENT = { timeout: 10_000 }
const BRIEF = { timeout: 50, retry: false } as const

function call(sleuth: Sleuth, init: DoInit = PATIENT): Promise<Response> {
  return sleuth.do('sleuth://foo/', init)
}

function isUp(sleuth: Sleuth): boolean {
  return sleuth.services().some(({ service }) => service === 'foo')
}

async function turns(): Promise<void> {
  for (let left = 20; left > 0; left--) await turn()
}

async function scene() {
  const network = createTestNetwork()
  const mock = await network.mockService('foo', 'here')
  const client = await network.createSleuth()
  return { network, mock, client, [Symbol.asyncDispose]: () => network.close() }
}

describe('kill', () => {
  it('takes an instance away without a word, and breaks off its requests', async () => {
    await using network = createTestNetwork()
    let begun = (): void => {}
    const running = new Promise<void>((resolve) => {
      begun = resolve
    })
    const service = await network.createSleuth({ service: 'foo', handler: () => begun() })
    const client = await network.createSleuth()
    const downs: string[] = []
    client.on('down', ({ reason }) => downs.push(reason))
    const failed = assert.rejects(call(client, { ...PATIENT, method: 'POST' }), {
      code: 'SLEUTH_PEER_GONE',
      mayHaveRun: true,
    })
    await running
    await network.kill(service)
    await failed
    assert.deepEqual([downs, isUp(client)], [['lost'], false])
    await service.close()
  })

  it('leaves calls to other instances', async () => {
    await using network = createTestNetwork()
    const [one, two] = [await network.mockService('foo', 1), await network.mockService('foo', 'two')]
    const client = await network.createSleuth()
    await network.kill(one)
    for (let calls = 0; calls < 3; calls++) assert.equal(await (await call(client)).text(), 'two')
    assert.deepEqual([one.calls.length, two.calls.length], [0, 3])
  })

  it('is followed by a new instance at once', async () => {
    await using here = await scene()
    await here.network.kill('foo')
    await here.network.mockService('foo', 'anew')
    assert.equal(await (await call(here.client)).text(), 'anew')
  })
})

describe('partition', () => {
  it('leaves calls without an answer, and they come through when it is healed', async () => {
    await using here = await scene()
    const fault = here.network.partition(here.mock)
    await assert.rejects(call(here.client, BRIEF), { code: 'SLEUTH_TIMEOUT' })
    const waits = call(here.client)
    fault.heal()
    fault.heal()
    assert.equal((await waits).status, 200)
  })

  it('may be between two alone', async () => {
    await using here = await scene()
    const other = await here.network.createSleuth()
    using _ = here.network.partition(here.client, here.mock)
    await assert.rejects(call(here.client, BRIEF), { code: 'SLEUTH_TIMEOUT' })
    assert.equal((await call(other)).status, 200)
  })
})

describe('delay', () => {
  it('makes calls take longer until it is healed', async () => {
    await using here = await scene()
    const fault = here.network.delay(here.client, 100)
    await assert.rejects(call(here.client, BRIEF), { code: 'SLEUTH_TIMEOUT' })
    fault.heal()
    assert.equal((await call(here.client)).status, 200)
    assert.throws(() => here.network.delay(here.client, [2, 1]), { message: /^latency must be milliseconds/ })
  })
})

describe('freeze', () => {
  it('leaves calls without an answer, and all come through when it is healed', async () => {
    await using here = await scene()
    here.network.freeze('foo')
    await assert.rejects(call(here.client, BRIEF), { code: 'SLEUTH_TIMEOUT' })
    const waits = call(here.client, { ...PATIENT, retry: false })
    await turns()
    assert.equal(here.mock.calls.length, 0)
    here.network.heal()
    assert.equal((await waits).status, 200)
    await turns()
    assert.equal(here.mock.calls.length, 2)
  })

  it('holds back what a handler sends meanwhile', async () => {
    await using network = createTestNetwork()
    let answer = (): void => {}
    const service = await network.createSleuth({
      service: 'foo',
      handler: (_req, res) => {
        answer = () => res.end('late')
      },
    })
    const client = await network.createSleuth()
    let isAnswered = false
    const called = call(client, { ...PATIENT, retry: false }).then((response) => {
      isAnswered = true
      return response.text()
    })
    await turns()
    using fault = network.freeze(service)
    answer()
    await turns()
    assert.equal(isAnswered, false)
    fault.heal()
    assert.equal(await called, 'late')
  })
})

describe('refuse', () => {
  it('breaks connections and lets nobody connect, until it is healed', async () => {
    await using here = await scene()
    const fault = here.network.refuse(here.mock)
    await turns()
    assert.equal(isUp(here.client), false)
    await assert.rejects(call(here.client), { code: 'SLEUTH_UNKNOWN_SERVICE' })
    fault.heal()
    await here.client.waitFor('foo')
    assert.equal((await call(here.client)).status, 200)
  })
})

describe('a target', () => {
  const targets: Record<string, (here: { mock: { sleuth: Sleuth }; client: Sleuth }) => Target | Target[]> = {
    'a Sleuth': ({ mock }) => mock.sleuth,
    'what has one': ({ mock }) => ({ sleuth: mock.sleuth }),
    'an instance': ({ client }) => client.services()[0]?.instances[0] ?? assert.fail(),
    'the name of a service': () => 'foo',
    'several of them': ({ mock }) => [mock, 'foo'],
  }
  for (const [name, targetOf] of Object.entries(targets)) {
    it(`is ${name}`, async () => {
      await using here = await scene()
      await here.network.kill(targetOf(here))
      assert.equal(isUp(here.client), false)
    })
  }

  it('is on the network', async () => {
    await using here = await scene()
    await using other = await scene()
    const none = [undefined, null, 5] as never[]
    const strangers: Target[] = ['bar', other.client, other.mock, { id: 'A'.repeat(32) }, ...none]
    const faults: ((network: TestNetwork, target: Target) => unknown)[] = [
      (network, target) => network.partition(target),
      (network, target) => network.delay(target, 1),
      (network, target) => network.freeze(target),
      (network, target) => network.refuse(target),
    ]
    for (const target of strangers)
      for (const fault of faults)
        assert.throws(() => fault(here.network, target), {
          code: 'SLEUTH_ARGUMENT',
          message: /^target must be/,
        })
    await assert.rejects(here.network.kill('bar'), { code: 'SLEUTH_ARGUMENT' })
  })
})

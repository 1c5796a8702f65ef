import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestNetwork } from '@sleuth/testing'

describe('a virtual clock', () => {
  it('lets what takes no time happen by itself', async () => {
    await using network = createTestNetwork({ clock: 'virtual' })
    const before = Date.now()
    await network.mockService('foo', 'at once')
    const client = await network.createSleuth()
    assert.equal(await (await client.do('sleuth://foo/')).text(), 'at once')
    await client.close()
    assert.equal(Date.now(), before)
  })

  it('makes calls time out when it is told, and not before', async () => {
    await using network = createTestNetwork({ clock: 'virtual' })
    await network.mockService('foo', () => new Promise<never>(() => {}))
    const client = await network.createSleuth()
    let code: string | undefined
    client.do('sleuth://foo/', { timeout: 60_000, method: 'POST' }).catch((error) => {
      code = error.code
    })
    await network.advance(59_900)
    assert.equal(code, undefined)
    await network.advance(200)
    assert.equal(code, 'SLEUTH_TIMEOUT')
  })

  it('is the clock of all code, and each timer is followed by all that it sets off', async () => {
    await using network = createTestNetwork({ clock: 'virtual' })
    const seen: string[] = []
    const begun = Date.now()
    const note = (what: string) => seen.push(`${what} ${Date.now() - begun}`)
    const work = async () => {
      await sleep(10)
      note('sleep')
      await readFile(new URL(import.meta.url))
      note('file')
      await new Promise<void>((resolve) => setTimeout(resolve, 10))
      note('timeout')
    }
    const interval = setInterval(() => note('interval'), 15)
    void work()
    await network.advance(30)
    clearInterval(interval)
    assert.deepEqual(seen, ['sleep 10', 'file 10', 'interval 15', 'timeout 20', 'interval 30'])
  })

  it('brings messages after their latency', async () => {
    await using network = createTestNetwork({ clock: 'virtual', latency: 100 })
    await network.mockService('foo', 'late')
    const client = await network.createSleuth()
    const found = client.waitFor('foo')
    await network.advance(1000)
    await found
    let text: string | undefined
    const call = async () => {
      text = await (await client.do('sleuth://foo/', { timeout: 5000 })).text()
    }
    void call()
    await network.advance(199)
    assert.equal(text, undefined)
    await network.advance(1)
    assert.equal(text, 'late')
    const left = client.close()
    await network.advance(1000)
    await left
  })

  it('shows what time does to a network: a partition that lasts parts it, and healed it is whole', async () => {
    await using network = createTestNetwork({ clock: 'virtual' })
    const mock = await network.mockService('foo', 'here')
    const client = await network.createSleuth()
    await client.do('sleuth://foo/')
    const downs: string[] = []
    client.on('down', ({ reason }) => downs.push(reason))
    const fault = network.partition(mock)
    client.do('sleuth://foo/', { timeout: 20_000, retry: false }).catch(() => {})
    await network.advance(1000)
    assert.deepEqual(downs, [])
    await network.advance(9000)
    assert.deepEqual(downs, ['lost'])
    fault.heal()
    await network.advance(10_000)
    assert.equal((await client.do('sleuth://foo/')).status, 200)
  })

  it('lets an error of a timer through, and goes on', async () => {
    await using network = createTestNetwork({ clock: 'virtual' })
    setTimeout(() => {
      throw new Error('of a timer')
    }, 5)
    await assert.rejects(network.advance(10), /of a timer/)
    const before = Date.now()
    await network.advance(10)
    assert.ok(Date.now() >= before + 10)
  })

  it('belongs to one network at a time, and to nobody afterwards', async () => {
    const { setTimeout: timeout, Date: date } = globalThis
    const network = createTestNetwork({ clock: 'virtual' })
    assert.notEqual(globalThis.setTimeout, timeout)
    assert.throws(() => createTestNetwork({ clock: 'virtual' }), {
      code: 'SLEUTH_ARGUMENT',
      message: /for one open network of a process only/,
    })
    await network.close()
    assert.deepEqual([globalThis.setTimeout, globalThis.Date], [timeout, date])
    await createTestNetwork({ clock: 'virtual' }).close()
  })

  it('is not turned where there is none, nor backwards', async () => {
    await using real = createTestNetwork()
    await assert.rejects(real.advance(1), {
      code: 'SLEUTH_ARGUMENT',
      message: /options\.clock must be "virtual"/,
    })
    await using network = createTestNetwork({ clock: 'virtual' })
    for (const wrong of [-1, Number.NaN, Infinity, '1' as never])
      await assert.rejects(network.advance(wrong), {
        code: 'SLEUTH_ARGUMENT',
        message: /^milliseconds must be/,
      })
  })

  it('is not turned by a network that is closed', async () => {
    const network = createTestNetwork({ clock: 'virtual' })
    await network.close()
    const message = /^advance\(\) needs an open network: this one is closed/
    await assert.rejects(network.advance(60_000), { code: 'SLEUTH_ARGUMENT', message })
  })
})

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { RequestListener, Sleuth } from '@sleuth/core'
import { createTestNetwork, type TestNetworkOptions } from '@sleuth/testing'

const echo: RequestListener = (req, res) => void req.pipe(res)

async function said(sleuth: Sleuth, url: string, init?: RequestInit): Promise<string> {
  return (await sleuth.do(url, { timeout: 10_000, ...init })).text()
}

describe('a test network', () => {
  it('lets services call each other, at once, and in both directions', async () => {
    await using network = createTestNetwork()
    const one = await network.createSleuth({ service: 'one', handler: echo })
    const two = await network.createSleuth({ service: 'two', handler: echo })
    assert.equal(await said(one, 'sleuth://two/', { method: 'POST', body: 'to two' }), 'to two')
    assert.equal(await said(two, 'sleuth://one/', { method: 'POST', body: 'to one' }), 'to one')
    assert.equal(one.services().length + two.services().length, 2)
  })

  it('carries large bodies both ways', async () => {
    await using network = createTestNetwork()
    await network.createSleuth({ service: 'echo', handler: echo })
    const client = await network.createSleuth()
    const body = 'bear'.repeat(500_000)
    assert.ok((await said(client, 'sleuth://echo/', { method: 'POST', body })) === body)
  })

  it('takes instances of one service in turn', async () => {
    await using network = createTestNetwork()
    const [one, two] = [await network.mockService('foo', 'one'), await network.mockService('foo', 'two')]
    const client = await network.createSleuth()
    for (let call = 0; call < 4; call++) await said(client, 'sleuth://foo/')
    assert.deepEqual([one.calls.length, two.calls.length], [2, 2])
  })

  for (const clock of ['real', 'virtual'] as const) {
    it(`has made all known to each other when the last has joined, however many they are (${clock} clock)`, async () => {
      await using network = createTestNetwork({ clock })
      const mocks = []
      for (let number = 0; number < 20; number++) mocks.push(await network.mockService(`foo${number}`))
      assert.deepEqual(
        mocks.map(({ sleuth }) => sleuth.services().length),
        mocks.map(() => 19),
      )
    })
  }

  it('is apart from every other, and within it one group is apart from another', async () => {
    await using network = createTestNetwork()
    await using other = createTestNetwork()
    await network.mockService('foo', 200)
    await network.mockService('bar', 200, { group: 'others' })
    const client = await network.createSleuth()
    assert.deepEqual(
      client.services().map(({ service }) => service),
      ['foo'],
    )
    assert.deepEqual((await other.createSleuth()).services(), [])
  })

  it('says who comes and who goes', async () => {
    await using network = createTestNetwork()
    const client = await network.createSleuth()
    const events: string[] = []
    client.on('up', ({ service }) => events.push(`${service} up`))
    client.on('down', ({ service, reason }) => events.push(`${service} ${reason}`))
    const mock = await network.mockService('foo')
    await mock.close()
    assert.deepEqual(events, ['foo up', 'foo left'])
  })

  it('gives each member an address, which its requests and events come from', async () => {
    await using network = createTestNetwork()
    const seen: unknown[] = []
    const service = await network.createSleuth({
      service: 'foo',
      handler: (req, res) => {
        seen.push(req.socket.remoteAddress, req.sleuthPeer?.address, req.sleuthPeer?.verified)
        res.end()
      },
    })
    const [one, two] = [await network.createSleuth(), await network.createSleuth({ wire: 1 })]
    await said(one, 'sleuth://foo/')
    await said(two, 'sleuth://foo/')
    assert.deepEqual(seen, ['10.0.0.2', '10.0.0.2', true, '10.0.0.3', '10.0.0.3', true])
    assert.equal(service.stats().requests, 2)
  })

  it('speaks both wires', async () => {
    await using network = createTestNetwork()
    await network.createSleuth({ service: 'old', handler: echo, wire: 1 })
    const client = await network.createSleuth()
    assert.equal(client.services()[0]?.instances[0]?.wire, 1)
    assert.equal(await said(client, 'sleuth://old/', { method: 'POST', body: 'as Go does' }), 'as Go does')
  })

  it('ignores what is about the network of the machine', async () => {
    await using network = createTestNetwork()
    const options = {
      interface: 'none',
      port: 1,
      seeds: ['tcp://192.0.2.1:5670'],
      networks: ['192.0.2.0/24'],
    }
    await network.createSleuth({ service: 'foo', handler: echo, ...options })
    assert.equal((await network.createSleuth()).services().length, 1)
  })

  it('takes as long as it is told', async () => {
    await using network = createTestNetwork({ latency: [20, 30] })
    await network.mockService('foo', 'late')
    const client = await network.createSleuth()
    assert.deepEqual(client.services(), [])
    await client.waitFor('foo')
    const begun = performance.now()
    assert.equal(await said(client, 'sleuth://foo/'), 'late')
    // There and back. A timer may ring a millisecond early.
    assert.ok(performance.now() - begun >= 38)
  })

  it('loses packets, and calls arrive all the same', async () => {
    await using network = createTestNetwork({ loss: 0.3, seed: 3 })
    const mock = await network.mockService('foo', 'there')
    const client = await network.createSleuth()
    await client.waitFor('foo')
    for (let call = 0; call < 5; call++)
      assert.equal(await said(client, `sleuth://foo/${call}`, { method: 'POST' }), 'there')
    assert.deepEqual(
      mock.calls.map(({ url }) => url),
      ['/0', '/1', '/2', '/3', '/4'],
    )
  })

  it('gives the same ids for the same seed', async () => {
    const idOf = async (options: TestNetworkOptions) => {
      await using network = createTestNetwork(options)
      await network.mockService('foo')
      return (await network.createSleuth()).services()[0]?.instances[0]?.id
    }
    assert.equal(await idOf({}), await idOf({ seed: 1 }))
    assert.notEqual(await idOf({}), await idOf({ seed: 2 }))
  })
})

describe('the end of a test network', () => {
  it('comes at once: what is in flight breaks off, and a later close of each member is valid', async () => {
    const network = createTestNetwork()
    const service = await network.createSleuth({ service: 'foo', handler: () => {}, drainTimeout: Infinity })
    const client = await network.createSleuth()
    const call = client.do('sleuth://foo/', { timeout: Infinity })
    const failed = assert.rejects(call)
    await network.close()
    await failed
    await assert.rejects(service.do('sleuth://foo/'), { code: 'SLEUTH_CLOSED' })
    await service.close()
    await client.close()
    assert.equal(network.close(), network.close())
  })

  it('lets nobody in any more', async () => {
    const network = createTestNetwork()
    await network.close()
    await assert.rejects(network.createSleuth(), {
      code: 'SLEUTH_START',
      message: /the test network is closed/,
    })
  })

  it('leaves nothing that keeps the process alive, nor do members that have closed', async () => {
    const program = `
      import { createTestNetwork } from '@sleuth/testing'
      const closed = createTestNetwork()
      await closed.mockService('foo')
      await closed.createSleuth()
      await closed.close()
      const left = createTestNetwork()
      const mock = await left.mockService('foo')
      const client = await left.createSleuth()
      await (await client.do('sleuth://foo/', { timeout: 10_000 })).text()
      await client.close()
      await mock.close()
      process.on('exit', () => console.log('ends'))`
    const { stdout } = await run(program)
    assert.equal(stdout, 'ends\n')
  })
})

describe('the process of a test network', () => {
  it('has no socket, and has not loaded the addon', async () => {
    const program = `
      import dgram from 'node:dgram'
      import { createRequire } from 'node:module'
      import net from 'node:net'
      import { createTestNetwork } from '@sleuth/testing'
      const refuse = () => { throw new Error('a socket is made') }
      net.Socket.prototype.connect = net.Server.prototype.listen = dgram.createSocket = refuse
      dgram.Socket.prototype.bind = dgram.Socket.prototype.send = refuse
      const network = createTestNetwork()
      await network.mockService('foo', 'calls')
      const client = await network.createSleuth()
      console.log(await (await client.do('sleuth://foo/', { timeout: 10_000 })).text())
      console.log(process.getActiveResourcesInfo().filter((name) => /TCP|UDP/.test(name)).length)
      console.log(Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('zeromq')).length)
      const addons = process.report.getReport().sharedObjects.filter((path) => path.includes('zeromq'))
      console.log(addons.length)
      await network.close()`
    assert.equal((await run(program)).stdout, 'calls\n0\n0\n0\n')
  })
})

describe('options of a test network', () => {
  const wrong: [TestNetworkOptions, RegExp][] = [
    [{ loss: 1 }, /options\.loss must be a number from 0 to below 1/],
    [{ latency: -1 }, /options\.latency must be milliseconds/],
    [{ latency: [5, 1] }, /options\.latency must be milliseconds/],
    [{ latency: [1, 2, 3] as never }, /options\.latency must be milliseconds/],
    [{ clock: 'fake' as never }, /options\.clock must be "real" or "virtual"/],
    [{ seed: 1.5 }, /options\.seed must be a whole number/],
    [{ delay: 1 } as never, /options\.delay is unknown: the options are latency, loss, clock, seed/],
  ]
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => createTestNetwork(options), { name: 'SleuthError', message })
    })
  }
})

/** Runs a program in a process of its own. */
function run(program: string) {
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  return promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd })
}

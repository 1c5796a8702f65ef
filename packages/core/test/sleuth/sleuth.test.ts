import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { afterEach, describe, it, mock } from 'node:test'
import { checkOptions } from '#src/shared/options/options.js'
import { isSleuth } from '#src/sleuth/base-client.js'
import { Client } from '#src/sleuth/client.js'
import { startSleuth } from '#src/sleuth/create-sleuth.js'
import type { DownEvent, UpEvent } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join, mirror, pair, recorder, settle } from '../harness.js'

const group = 'SLEUTH-v1'

describe('createSleuth', () => {
  it('announces a service with the four headers of Go, and a name for people beside them', async () => {
    const { sleuth, node } = await join(new FakeNetwork(), {
      service: 'foo',
      handler: mirror,
      version: '1.2',
      name: 'Anna',
    })
    const gos = { group, node: node.id, type: 'foo', version: '1.2' }
    const headers = { ...gos, 'sleuth-name': 'Anna', 'sleuth-wire': '2' }
    assert.deepEqual(Object.fromEntries(node.self.headers), headers)
    assert.deepEqual(node.options.groups, [group])
    assert.equal(node.options.name, undefined)
    await sleuth.close()
  })

  it('announces none of the four when client-only', async () => {
    const { sleuth, node } = await join(new FakeNetwork())
    assert.deepEqual(Object.fromEntries(node.self.headers), { 'sleuth-wire': '2' })
    await sleuth.close()
  })

  it('hands the interface and the port down', async () => {
    const { node } = await join(new FakeNetwork(), { interface: 'eth7', port: 1234 })
    assert.deepEqual([node.options.interface, node.options.port], ['eth7', 1234])
  })

  it('knows the peers that were there before it', async () => {
    const { sleuth, server } = await pair(mirror)
    const { id, name, endpoint } = server.node
    const instance = { id, name, endpoint, version: 'unknown', wire: 2, meta: {}, ready: true }
    assert.deepEqual(sleuth.services(), [{ service: 'foo', instances: [instance] }])
  })

  it('can be told from anything else', async () => {
    const { sleuth } = await join(new FakeNetwork())
    assert.equal(isSleuth(sleuth), true)
    for (const other of [{}, null, 'foo', undefined, () => {}]) assert.equal(isSleuth(other), false)
  })
})

describe('on', () => {
  it('tells of instances that come and go, with the reason', async () => {
    const network = new FakeNetwork()
    const { sleuth } = await join(network)
    const events: (UpEvent | DownEvent)[] = []
    sleuth.on('up', (event) => events.push(event)).on('down', (event) => events.push(event))
    const a = await join(network, { service: 'foo', handler: mirror })
    const b = await join(network, { service: 'foo', handler: mirror })
    await a.sleuth.close()
    b.node.vanish('expired')
    assert.deepEqual(
      events.map(({ service, instance, ...rest }) => [service, instance.id, rest]),
      [
        ['foo', a.node.id, {}],
        ['foo', b.node.id, {}],
        ['foo', a.node.id, { reason: 'left' }],
        ['foo', b.node.id, { reason: 'expired' }],
      ],
    )
  })

  it('lets listeners go, and takes some for once', async () => {
    const network = new FakeNetwork()
    const { sleuth } = await join(network)
    const heard: string[] = []
    const listener = () => heard.push('on')
    sleuth.on('up', listener).once('up', () => heard.push('once'))
    await join(network, { service: 'foo', handler: mirror })
    sleuth.off('up', listener)
    await join(network, { service: 'foo', handler: mirror })
    assert.deepEqual(heard, ['on', 'once'])
  })

  it('does not let a listener that throws stop the rest: it is thrown on its own', async () => {
    const network = new FakeNetwork()
    const { sleuth } = await join(network)
    const error = new Error('thrown by a listener')
    sleuth.on('up', () => {
      throw error
    })
    const before = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const uncaught = once(process, 'uncaughtException')
    try {
      await join(network, { service: 'foo', handler: mirror })
      assert.equal(((await uncaught) as unknown[])[0], error)
    } finally {
      for (const listener of before) process.on('uncaughtException', listener)
    }
    assert.equal(sleuth.services().length, 1)
  })
})

describe('waitFor', () => {
  afterEach(() => mock.timers.reset())

  it('that takes long is told in the log: what is missing, and where the node is', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const { sleuth, node, problems } = await join(new FakeNetwork(), { port: 1234 })
    const waiting = assert.rejects(sleuth.waitFor(['foo', 'bar'], { timeout: Infinity }))
    for (let second = 0; second < 30; second++) mock.timers.tick(1000)
    assert.deepEqual(
      problems().map(({ level, fields }) => {
        const { missing, endpoint, port, group } = fields as Record<string, unknown>
        return { level, missing, endpoint, port, group }
      }),
      [{ level: 'warn', missing: ['foo', 'bar'], endpoint: node.endpoint, port: 1234, group }],
    )
    const closing = sleuth.close()
    await waiting
    mock.timers.reset()
    await closing
  })

  it('resolves at once when all are known, and for none', async () => {
    const { sleuth } = await pair(mirror)
    await sleuth.waitFor('foo')
    await sleuth.waitFor(['foo'], { timeout: 1 })
    await sleuth.waitFor([])
  })

  it('resolves when the last of several appears', async () => {
    const network = new FakeNetwork()
    const { sleuth } = await join(network)
    let resolved = false
    const waiting = sleuth.waitFor(['foo', 'bar']).then(() => {
      resolved = true
    })
    await join(network, { service: 'foo', handler: mirror })
    await settle()
    assert.equal(resolved, false)
    await join(network, { service: 'bar', handler: mirror })
    await waiting
  })

  it('is [920, 936] when its time is over', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const network = new FakeNetwork()
    const { sleuth } = await join(network)
    await join(network, { service: 'foo', handler: mirror })
    const waiting = sleuth.waitFor(['foo', 'bar'], { timeout: 70 })
    const wanted = {
      code: 'SLEUTH_TIMEOUT',
      codes: [920, 936],
      message: /waitFor\(foo, bar\) timed out after 70 ms: missing: bar;/,
    }
    const rejected = assert.rejects(waiting, wanted)
    mock.timers.tick(70)
    await rejected
    assert.equal(sleuth.stats().errors.SLEUTH_TIMEOUT, 1)
  })

  it('is rejected with the reason of an abort', async () => {
    const { sleuth } = await join(new FakeNetwork())
    const reason = new Error('enough')
    await assert.rejects(sleuth.waitFor('foo', { signal: AbortSignal.abort(reason) }), reason)
    const controller = new AbortController()
    const waiting = sleuth.waitFor('foo', { signal: controller.signal })
    controller.abort(reason)
    await assert.rejects(waiting, reason)
  })

  it('is [935, 936] when its sleuth closes', async () => {
    const { sleuth } = await join(new FakeNetwork())
    const rejected = assert.rejects(sleuth.waitFor('foo'), { code: 'SLEUTH_CLOSED', codes: [935, 936] })
    await sleuth.close()
    await rejected
  })

  for (const services of [
    5,
    null,
    undefined,
    '',
    [''],
    ['foo', 5],
    {},
    'sleuth://foo/',
    'foo/',
    ['foo', 'a b'],
  ]) {
    it(`refuses ${JSON.stringify(services)}`, async () => {
      const { sleuth } = await join(new FakeNetwork())
      await assert.rejects(sleuth.waitFor(services as never), {
        code: 'SLEUTH_ARGUMENT',
        message: /^services must be/,
      })
    })
  }

  // Taken for no options, each of these would wait without end.
  for (const [what, options] of [
    ['a name that is misspelt', { timeOut: 50 }],
    ['a signal in place of options', AbortSignal.timeout(50)],
    ['a list', [50]],
    ['text', '50'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { sleuth } = await join(new FakeNetwork())
      await assert.rejects(sleuth.waitFor('foo', options as never), {
        code: 'SLEUTH_ARGUMENT',
        message: /^options must be/,
      })
    })
  }

  it('refuses a timeout that is none', async () => {
    const { sleuth } = await join(new FakeNetwork())
    await assert.rejects(sleuth.waitFor('foo', { timeout: -1 }), {
      code: 'SLEUTH_ARGUMENT',
      message: /^timeout must/,
    })
  })
})

describe('enabled: false', () => {
  it('makes no node, and rejects calls; the rest works', async () => {
    const sleuth = await startSleuth({ service: 'foo', handler: mirror, enabled: false }, () =>
      assert.fail('a node was made'),
    )
    for (const call of [sleuth.do, sleuth.request]) {
      await assert.rejects(call('sleuth://foo/'), { code: 'SLEUTH_DISABLED', codes: [1003, 934] })
    }
    await assert.rejects(sleuth.waitFor('foo'), { code: 'SLEUTH_DISABLED', codes: [1003, 936] })
    assert.deepEqual(sleuth.services(), [])
    assert.equal(sleuth.stats().calls, 2)
    sleuth.on('up', () => {})
    await sleuth.close()
    await assert.rejects(sleuth.close(), { codes: [935] })
    await assert.rejects(sleuth.do('sleuth://foo/'), { codes: [935, 934] })
  })

  it('still checks its options', async () => {
    const options = { service: 'foo', enabled: false }
    await assert.rejects(startSleuth(options, new FakeNetwork().createNode), { code: 'SLEUTH_HANDLER' })
  })
})

describe('a sleuth that has not joined', () => {
  it('rejects calls with what to do first, and keeps its listeners', async () => {
    const client = new Client(checkOptions(), 'await app.ready()')
    const wanted = {
      code: 'SLEUTH_NOT_JOINED',
      codes: [1004, 934],
      message: /joined its network yet: await app\.ready\(\)$/,
    }
    await assert.rejects(client.do('sleuth://foo/'), wanted)
    await assert.rejects(client.waitFor('foo'), { codes: [1004, 936] })
    assert.deepEqual(client.services(), [])
    assert.equal(client.stats().peers, 0)
    const ups: UpEvent[] = []
    client.on('up', (event) => ups.push(event))
    const network = new FakeNetwork()
    await join(network, { service: 'foo', handler: mirror })
    await client.join(network.createNode)
    assert.equal(ups.length, 1)
    assert.equal((await client.do('sleuth://foo/')).status, 200)
    await client.close()
  })

  it('waits for a service while it joins', async () => {
    const network = new FakeNetwork()
    await join(network, { service: 'foo', handler: mirror })
    const client = new Client(checkOptions(), '')
    const joining = client.join(network.createNode)
    await client.waitFor('foo', { timeout: 10_000 })
    assert.equal((await client.do('sleuth://foo/')).status, 200)
    await joining
    await client.close()
  })

  it('waits no longer for a service when the join has failed, the wait times out, or it is closed', async () => {
    const cause = new Error('no such interface')
    const client = new Client(checkOptions(), 'await app.ready()')
    const joining = client.join(() => Promise.reject(cause))
    const found = client.waitFor('foo')
    await assert.rejects(joining, { code: 'SLEUTH_START', cause })
    const reason = await joining.catch((error: unknown) => error)
    await assert.rejects(found, { code: 'SLEUTH_NOT_JOINED', codes: [1004, 936], cause: reason })

    const slow = new Client(checkOptions(), '')
    const network = new FakeNetwork()
    let go = (): void => {}
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    const join = slow.join(async (options) => {
      await held
      return network.createNode(options)
    })
    await assert.rejects(slow.waitFor('foo', { timeout: 1 }), { code: 'SLEUTH_TIMEOUT' })
    const waiting = slow.waitFor('foo')
    const closed = slow.close()
    go()
    await assert.rejects(join, { code: 'SLEUTH_CLOSED' })
    await assert.rejects(waiting, { code: 'SLEUTH_CLOSED', codes: [935, 936] })
    await closed
  })

  it('joins once', async () => {
    const client = new Client(checkOptions(), '')
    const network = new FakeNetwork()
    await Promise.all([client.join(network.createNode), client.join(network.createNode)])
    assert.equal(network.nodes.size, 1)
  })

  it('demands the handler that was to follow', async () => {
    const client = new Client(checkOptions({ service: 'foo' }, { adapter: [] }), '')
    await assert.rejects(client.join(new FakeNetwork().createNode), { code: 'SLEUTH_HANDLER' })
  })

  it('says why it could not join, and logs it', async () => {
    const { logger, problems } = recorder()
    const client = new Client(checkOptions({ interface: 'eth7', logger }), 'await app.ready()')
    const cause = new Error('no such interface')
    const joining = client.join(() => Promise.reject(cause))
    await assert.rejects(joining, { code: 'SLEUTH_START', cause })
    const reason = await joining.catch((error: unknown) => error)
    await assert.rejects(client.do('sleuth://foo/'), { code: 'SLEUTH_NOT_JOINED', cause: reason })
    assert.equal(problems()[0]?.fields.err, reason)
    await client.close()
  })

  it('is shut down any number of times by those that may come second', async () => {
    const client = new Client(checkOptions({ interface: 'loopback' }), '')
    const network = new FakeNetwork()
    await client.join(network.createNode)
    await client.close()
    await Promise.all([client.shutdown(), client.shutdown()])
    assert.equal(network.nodes.size, 0)
  })

  it('closes without a node, and then joins no more', async () => {
    const client = new Client(checkOptions(), '')
    await client.close()
    await assert.rejects(
      client.join(() => assert.fail('a node was made')),
      { codes: [935] },
    )
  })

  it('closes the node that was being made when it was closed', async () => {
    const client = new Client(checkOptions({ interface: 'loopback' }), '')
    const network = new FakeNetwork()
    const joining = assert.rejects(client.join(network.createNode), { codes: [935] })
    await client.close()
    await joining
    assert.equal(network.nodes.size, 0)
  })
})

describe('close', () => {
  afterEach(() => mock.timers.reset())

  it('leaves the group first, answers what is in flight, and stops then', async () => {
    let finish: (() => void) | undefined
    const { sleuth, server, network } = await pair((_, res) => {
      finish = () => res.end('done')
    })
    const call = sleuth.request('sleuth://foo/')
    await settle()
    const closing = server.sleuth.close()
    await settle()
    assert.deepEqual(sleuth.services(), [])
    assert.equal(network.nodes.size, 2)
    finish?.()
    assert.equal((await call).body.toString(), 'done')
    await closing
    assert.equal(network.nodes.size, 1)
  })

  it('is known to those who come meanwhile as well: they do not call who is leaving', async () => {
    const { network, server, sleuth } = await pair(() => {})
    const call = sleuth.request('sleuth://foo/', { timeout: Infinity })
    await settle()
    const leaving = server.sleuth.close()
    const newcomer = await join(network)
    assert.deepEqual(newcomer.sleuth.services(), [])
    const closed = assert.rejects(call, { code: 'SLEUTH_CLOSED' })
    await Promise.all([sleuth.close(), closed, leaving])
  })

  it('may be done by halves: leave answers what is in flight, and refuses the rest until close', async () => {
    const network = new FakeNetwork()
    const finish: (() => void)[] = []
    const handler: RequestListener = (_, res) => finish.push(() => res.end('done'))
    const server = new Client(checkOptions({ service: 'foo', handler }), '')
    await server.join(network.createNode)
    const { sleuth } = await join(network)
    const inFlight = sleuth.request('sleuth://foo/')
    await settle()
    const late = sleuth.request('sleuth://foo/', { method: 'POST' })
    const leaving = server.leave()
    assert.deepEqual(sleuth.services(), [])
    finish.shift()?.()
    assert.equal((await inFlight).body.toString(), 'done')
    const refused = { code: 'SLEUTH_DRAINING', codes: [1017], mayHaveRun: false, retryable: true }
    await assert.rejects(late, refused)
    assert.equal(server.stats().refused, 1)
    await Promise.all([leaving, server.close()])
    assert.equal(network.nodes.size, 1)
  })

  it('lets a handler in flight call others until it has answered, and nobody after that', async () => {
    const network = new FakeNetwork()
    let release: (() => void) | undefined
    await join(network, {
      service: 'slow',
      handler: (_, res) => {
        release = () => res.end('slow')
      },
    })
    const middle = await join(network, {
      service: 'middle',
      handler: async (_, res) => {
        await middle.sleuth.request('sleuth://slow/')
        res.end((await middle.sleuth.request('sleuth://slow/')).body)
      },
    })
    const { sleuth } = await join(network)
    const call = sleuth.request('sleuth://middle/')
    await settle()
    const closing = middle.sleuth.close()
    release?.()
    await settle()
    release?.()
    assert.equal((await call).body.toString(), 'slow')
    await assert.rejects(middle.sleuth.request('sleuth://slow/'), { codes: [935, 934] })
    await closing
  })

  it('cuts off what does not finish in time, with 503', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const { sleuth, server } = await pair(() => {})
    const call = sleuth.request('sleuth://foo/', { timeout: Number.POSITIVE_INFINITY })
    await settle()
    const closing = server.sleuth.close()
    await settle()
    mock.timers.tick(5000)
    await closing
    assert.equal((await call).status, 503)
  })

  it('forgets every instance, and says so', async () => {
    const { sleuth } = await pair(mirror)
    const reasons: string[] = []
    sleuth.on('down', ({ reason }) => reasons.push(reason))
    await sleuth.close()
    assert.deepEqual(reasons, ['closed'])
    assert.deepEqual(sleuth.services(), [])
  })

  it('is what await using calls', async () => {
    const { sleuth, network } = await pair(mirror)
    await sleuth[Symbol.asyncDispose]()
    assert.equal(network.nodes.size, 1)
    await assert.rejects(sleuth[Symbol.asyncDispose](), { codes: [935] })
  })

  it('closes though the node below does not: 931 and 802 are logged', async () => {
    const { sleuth, node, problems } = await join(new FakeNetwork())
    node.leave = () => {
      throw new Error('no leave')
    }
    node.close = () => Promise.reject(new Error('no close'))
    await sleuth.close()
    assert.deepEqual(
      problems().map(({ fields }) => fields.codes),
      [[931], [802]],
    )
  })
})

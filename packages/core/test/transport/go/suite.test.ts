import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ZreError } from '@sleuth/zre'
import { SleuthError } from '#src/shared/errors.js'
import { startSleuth } from '#src/sleuth/create-sleuth.js'
import type { LogLevel, SleuthOptions } from '#src/types.js'
import { FakeNetwork } from '../../fake-network.js'
import { join, mirror, mockTime, pair, recorder, restoreTime, settle, tick } from '../../harness.js'

// What Go sleuth's own test suite (sleuth_test.go) holds, by the names that its tests have there. Those of its parts are
// beside ours: workers in directory/pool, add and remove in directory/directory, dispatch in wire/envelope, marshalling in
// wire/request and wire/response, zip in wire/gzip.

const group = 'SLEUTH-vT'
const service = { headers: (id: string) => ({ group, node: id, type: 'foo', version: '' }), groups: [group] }

async function rejection(promise: Promise<unknown>): Promise<SleuthError> {
  const error = await promise.then(
    () => assert.fail('was fulfilled'),
    (error: unknown) => error,
  )
  assert.ok(error instanceof SleuthError)
  return error
}

/** What a client logs of a message that a peer sends it. */
async function dropped(content: string | Buffer, options: SleuthOptions = {}) {
  const network = new FakeNetwork()
  const { sleuth, node, problems } = await join(network, { group, ...options })
  const peer = network.add(service)
  peer.whisper(node.id, content)
  await settle()
  const counts = sleuth.stats().dropped
  await sleuth.close()
  return { traces: problems().map(({ fields }) => fields.codes), counts }
}

describe("Go's own test suite", () => {
  afterEach(restoreTime)

  it('TestClientAddBadMember: a peer that announces no service is ignored with 924', async () => {
    const network = new FakeNetwork()
    const { sleuth, problems } = await join(network, { group })
    network.add({ headers: { group, node: 'bar' } })
    assert.deepEqual(
      problems().map(({ fields }) => fields.codes),
      [[924]],
    )
    assert.deepEqual(sleuth.services(), [])
    assert.equal(sleuth.stats().dropped.SLEUTH_ADD, 1)
    await sleuth.close()
  })

  it('TestClientCloseMultipleError: closed twice is 935', async () => {
    const { sleuth } = await join(new FakeNetwork(), { group })
    await sleuth.close()
    const error = await rejection(sleuth.close())
    assert.deepEqual([error.code, error.codes], ['SLEUTH_CLOSED', [935]])
  })

  it('TestClientDispatchBadAction: a message with a bad action is 915', async () => {
    const { traces, counts } = await dropped(`${group}FAIL`)
    assert.deepEqual(traces, [[915]])
    assert.deepEqual(counts, { SLEUTH_DISPATCH_ACTION: 1 })
  })

  it('TestClientDispatchEmpty: an empty message is 914', async () => {
    const { traces, counts } = await dropped('')
    assert.deepEqual(traces, [[914]])
    assert.deepEqual(counts, { SLEUTH_DISPATCH_HEADER: 1 })
  })

  it('TestClientDoClosed: do on closed is [935, 934]', async () => {
    const { sleuth } = await join(new FakeNetwork(), { group })
    await sleuth.close()
    for (const call of [sleuth.do, sleuth.fetch, sleuth.request]) {
      const error = await rejection(call('sleuth://foo/bar', { method: 'POST' }))
      assert.deepEqual([error.code, error.codes], ['SLEUTH_CLOSED', [935, 934]])
    }
  })

  it('TestClientDoTimeout: no answer within the timeout is 920', async () => {
    mockTime()
    const network = new FakeNetwork()
    const { sleuth, node } = await join(network, { group, timeout: undefined })
    network.add(service)
    const call = rejection(sleuth.do('sleuth://foo/', { method: 'POST' }))
    await settle()
    assert.equal(node.sent.length, 1)
    tick(499)
    await settle()
    assert.equal(sleuth.stats().pending, 1)
    tick(1)
    const error = await call
    assert.deepEqual([error.code, error.codes], ['SLEUTH_TIMEOUT', [920]])
    assert.deepEqual([error.mayHaveRun, error.retryable], [true, false])
    assert.equal(sleuth.stats().pending, 0)
    await sleuth.close()
  })

  it('TestClientDoUnknownScheme: another scheme is 916', async () => {
    const { sleuth } = await join(new FakeNetwork(), { group })
    for (const call of [sleuth.do, sleuth.request]) {
      const error = await rejection(call('foo://bar/baz'))
      assert.deepEqual([error.code, error.codes], ['SLEUTH_SCHEME', [916]])
    }
    await sleuth.close()
  })

  it('TestClientDoUnknownService: a service that nobody offers is 919', async () => {
    const { sleuth } = await join(new FakeNetwork(), { group })
    for (const call of [sleuth.do, sleuth.request]) {
      const error = await rejection(call('sleuth://foo/bar'))
      assert.deepEqual([error.code, error.codes], ['SLEUTH_UNKNOWN_SERVICE', [919]])
      assert.deepEqual([error.mayHaveRun, error.retryable], [false, true])
    }
    await sleuth.close()
  })

  it('TestClientReceiveBadHandle: a reply with an unknown handle is 921', async () => {
    const reply = Buffer.concat([Buffer.from(`${group}RECV`), gzipSync('{"handle":"1","header":{}}')])
    const { traces, counts } = await dropped(reply)
    assert.deepEqual(traces, [[921]])
    assert.deepEqual(counts, { SLEUTH_RECV: 1 })
  })

  it('TestClientReceiveBadPayload: a reply that does not unzip is [932, 917, 921]', async () => {
    const { traces, counts } = await dropped(`${group}RECV`)
    assert.deepEqual(traces, [[932, 917, 921]])
    assert.deepEqual(counts, { SLEUTH_UNZIP: 1 })
  })

  it('TestClientReplyBadPayload: a request that does not unzip is [932, 926, 922]', async () => {
    const { traces, counts } = await dropped(`${group}REPL`, { service: 'bar', handler: mirror })
    assert.deepEqual(traces, [[932, 926, 922]])
    assert.deepEqual(counts, { SLEUTH_UNZIP: 1 })
  })

  it('TestClientRemove, TestClientRemoveNonexistent: a service goes with its last instance', async () => {
    const network = new FakeNetwork()
    const { sleuth } = await join(network, { group })
    const first = network.add(service)
    const second = network.add(service)
    network.add().vanish('stopped')
    first.vanish('stopped')
    assert.equal(sleuth.services()[0]?.instances.length, 1)
    second.vanish('stopped')
    assert.deepEqual(sleuth.services(), [])
    await sleuth.close()
  })

  it('TestClientWaitForClosed: a wait on closed is [935, 936]', async () => {
    const { sleuth } = await join(new FakeNetwork(), { group })
    await sleuth.close()
    const error = await rejection(sleuth.waitFor('foo'))
    assert.deepEqual([error.code, error.codes], ['SLEUTH_CLOSED', [935, 936]])
  })

  it('TestInitConfig: the group is SLEUTH-v1 unless it is set', async () => {
    const { sleuth, node } = await join(new FakeNetwork())
    assert.deepEqual(node.options.groups, ['SLEUTH-v1'])
    await sleuth.close()
  })

  const starts: [name: string, code: ConstructorParameters<typeof ZreError>[0], ours: string][] = [
    ['TestSleuthNewBadInterface', 'ZRE_INTERFACE', 'SLEUTH_INTERFACE'],
    ['TestSleuthNewBadPort', 'ZRE_PORT', 'SLEUTH_PORT'],
    ['a node that does not start for another reason', 'ZRE_CLOSED', 'SLEUTH_START'],
  ]
  for (const [name, code, ours] of starts) {
    it(`${name}: is [905, 901]`, async () => {
      const cause = new ZreError(code, 'no interface "foo": there are lo, eth7')
      const error = await rejection(startSleuth({ group, interface: 'foo' }, () => Promise.reject(cause)))
      assert.deepEqual([error.code, error.codes], [ours, [905, 901]])
      assert.equal(error.cause, cause)
      assert.match(error.message, /there are lo, eth7/)
    })
  }

  it('TestSleuthNewBadPort: a port that is none is [905, 901] too', async () => {
    const error = await rejection(startSleuth({ group, port: 70000 }, () => assert.fail('was made')))
    assert.deepEqual([error.code, error.codes], ['SLEUTH_PORT', [905, 901]])
  })

  it('TestSleuthNewBadLogLevel: an unknown log level is debug, and 923 is logged', async () => {
    const { lines } = await join(new FakeNetwork(), { group, logLevel: 'foo' as LogLevel })
    const [line] = lines.filter(({ fields }) => fields.code === 'SLEUTH_LOG_LEVEL')
    assert.deepEqual([line?.level, line?.fields.codes], ['error', [923]])
    assert.match(line?.message ?? '', /"foo" is unknown, so "debug" is used/)
  })

  it('TestSleuthNewBadService: a handler without a service is 903', async () => {
    const error = await rejection(startSleuth({ group, handler: mirror }, () => assert.fail('was made')))
    assert.deepEqual([error.code, error.codes], ['SLEUTH_SERVICE', [903]])
  })

  it('TestWorkersAddDuplicate, TestWorkersNext: calls go round, though a peer is told of twice', async () => {
    const network = new FakeNetwork()
    const { sleuth, node } = await join(network, { group })
    const services = [network.add(service), network.add(service), network.add(service)]
    node.emit('enter', services[1]?.self as never)
    const calls = Array.from({ length: 7 }, () => sleuth.request('sleuth://foo/'))
    await Promise.all([sleuth.close(), Promise.allSettled(calls)])
    const [a, b, c] = services.map(({ id }) => id)
    assert.deepEqual(
      node.sent.map(({ to }) => to),
      [a, b, c, a, b, c, a],
    )
  })

  it('TestWriterWriteBadWhisperer: a reply that can not be sent is 930', async () => {
    const { server, sleuth } = await pair((_, res) => {
      server.node.failure = new ZreError('ZRE_QUEUE_FULL', 'the queue is full')
      res.end('foo bar baz')
    })
    const call = rejection(sleuth.request('sleuth://foo/'))
    await settle()
    await sleuth.close()
    await call
    assert.deepEqual(
      server.problems().map(({ fields }) => fields.codes),
      [[930]],
    )
    assert.equal(server.sleuth.stats().dropped.SLEUTH_RESPONSE_WHISPER, 1)
  })

  it('TestIntegratedCycle: waits, warns of duplicates with 803, calls and closes', async () => {
    const network = new FakeNetwork()
    const client = await join(network, { group })
    const waiting = client.sleuth.waitFor(['sleuth-test-server-one', 'sleuth-test-server-one'])
    const server = await join(network, { group, service: 'sleuth-test-server-one', handler: mirror })
    await waiting
    assert.deepEqual(
      client.problems().map(({ fields }) => fields.codes),
      [[803]],
    )
    await client.sleuth.waitFor('sleuth-test-server-one')
    const response = await client.sleuth.do('sleuth://sleuth-test-server-one/', {
      method: 'PUT',
      body: 'foo bar baz',
    })
    assert.equal(response.status, 200)
    assert.equal(((await response.json()) as { body: string }).body, 'foo bar baz')
    await server.sleuth.close()
    await client.sleuth.close()
  })

  it('a client without an interface is warned with 801', async () => {
    const { SLEUTH_INTERFACE, ZSYS_INTERFACE } = process.env
    delete process.env.SLEUTH_INTERFACE
    delete process.env.ZSYS_INTERFACE
    try {
      const network = new FakeNetwork()
      const { logger, problems } = recorder()
      await startSleuth({ logger }, network.createNode)
      assert.deepEqual(
        problems().map(({ fields }) => fields.codes),
        [[801]],
      )
      assert.match(problems()[0]?.message ?? '', /so fake is chosen/)
      process.env.SLEUTH_INTERFACE = 'loopback'
      await startSleuth({ logger }, network.createNode)
      assert.equal(problems().length, 1)
    } finally {
      if (SLEUTH_INTERFACE === undefined) delete process.env.SLEUTH_INTERFACE
      else process.env.SLEUTH_INTERFACE = SLEUTH_INTERFACE
      if (ZSYS_INTERFACE !== undefined) process.env.ZSYS_INTERFACE = ZSYS_INTERFACE
    }
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Peer } from '@sleuth/zre'
import { encodeAnswer, InspectKind, MAX_REPORT } from '#src/introspection/format.js'
import { MAX_CALLERS } from '#src/shared/caller-counts.js'
import { controlPacket } from '#src/transport/streams/control-packet.js'
import type { InspectSubject, SleuthOptions, SleuthPeer } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join, mirror, mockTime, pair, restoreTime, settle, tick } from '../harness.js'

/** A service, a client that has called it, and the ids of both. */
async function called(options: SleuthOptions = {}) {
  const both = await pair((req, res) => {
    if (req.url === '/throws') throw new Error('no')
    res.statusCode = req.url === '/missing' ? 404 : 200
    res.end()
  }, options)
  const { sleuth } = both
  for (const path of ['', 'missing', 'throws']) await sleuth.request(`sleuth://foo/${path}`)
  await assert.rejects(sleuth.request('sleuth://bar/'))
  await settle()
  return { ...both, service: both.server.node.id, caller: both.client.node.id }
}

const coded = (code: string) => ({ name: 'SleuthError', code })

describe('sleuth.inspect()', () => {
  it('tells who a node is', async () => {
    const { sleuth, service, server } = await called({
      version: '1.2.3',
      name: 'bear',
      maxInflight: Infinity,
    })
    const info = await sleuth.inspect(service, 'info')
    assert.deepEqual(
      { ...info, started: 0, host: '', pid: 0, node: '', platform: '', sleuth: '', limits: {} },
      {
        id: service,
        name: 'bear',
        service: 'foo',
        version: '1.2.3',
        group: 'SLEUTH-v1',
        started: 0,
        ready: true,
        host: '',
        pid: 0,
        node: '',
        platform: '',
        sleuth: '',
        endpoint: server.node.endpoint,
        interface: 'fake',
        discovery: ['beacon'],
        wires: [1, 2],
        limits: {},
      },
    )
    assert.ok(Date.parse(info.started) <= Date.now())
    assert.equal(info.pid, process.pid)
    assert.equal(info.node, process.versions.node)
    assert.match(info.sleuth, /^\d+\.\d+\.\d+/)
    assert.equal(info.limits.maxInflight, null)
    assert.equal(info.limits.streams, 2500)
  })

  it('tells what a node called, and who called it', async () => {
    const { sleuth, service, caller, server } = await called()
    const theirs = await sleuth.inspect(service, 'stats')
    assert.equal(theirs.stats.requests, 3)
    const { p50, p95, p99, slots, ...served } = theirs.served
    assert.equal(sum(slots), 3)
    assert.ok(slots.at(-1) !== 0 && slots.length <= 18)
    assert.deepEqual(served, { requests: 3, aborted: 0, statuses: { '2xx': 1, '4xx': 1, '5xx': 1 } })
    assert.ok(p50 !== null && p95 !== null && p99 !== null && p50 <= p95 && p95 <= p99)
    assert.equal(theirs.callers.length, 1)
    const [{ id, service: ofCaller, requests, statuses }] = theirs.callers as [
      (typeof theirs.callers)[number],
    ]
    assert.deepEqual(
      { id, ofCaller, requests, statuses },
      { id: caller, ofCaller: undefined, requests: 3, statuses: served.statuses },
    )
    assert.ok(theirs.process.rss > 0 && theirs.process.cpu > 0)

    const ours = await server.sleuth.inspect(caller, 'stats')
    const { p50: half, slots: times, ...counts } = ours.calls.foo ?? assert.fail()
    assert.equal(sum(times), 3)
    assert.ok(half !== null && half > 0)
    assert.deepEqual(
      { ...counts, p95: 0, p99: 0 },
      { calls: 3, errors: 0, retries: 0, hedges: 0, p95: 0, p99: 0 },
    )
    // A name that nobody has gets no entry of its own.
    assert.deepEqual(Object.keys(ours.calls), ['foo', '<other>'])
    assert.equal(ours.calls['<other>']?.errors, 1)
    assert.equal(ours.calls['<other>']?.p50, null)
    assert.deepEqual(ours.calls['<other>']?.slots, [])
  })

  it('counts a caller that hangs up, and a response that is cut off', async () => {
    const { sleuth, server, client } = await pair((req, res) => {
      if (req.url !== '/cut') return
      res.write('a')
      setImmediate(() => res.destroy())
    })
    await assert.rejects(sleuth.request('sleuth://foo/cut', { retry: false }))
    const aborter = new AbortController()
    const hangs = sleuth.request('sleuth://foo/', { signal: aborter.signal })
    await settle()
    aborter.abort()
    await assert.rejects(hangs)
    await settle()
    const { served } = await sleuth.inspect(server.node.id, 'stats')
    assert.equal(served.requests, 2)
    assert.equal(served.aborted, 2)
    assert.deepEqual(served.statuses, {})
    const { calls } = await sleuth.inspect(client.node.id, 'stats')
    assert.equal(calls.foo?.errors, 2)
  })

  it('tells of callers that have no entry of their own, together', async () => {
    const network = new FakeNetwork()
    const { node, sleuth } = await join(network, { service: 'foo', handler: (_, res) => res.end() })
    for (let made = 0; made < MAX_CALLERS + 5; made++) {
      const caller = await join(network)
      await caller.sleuth.request('sleuth://foo/')
      // It stays known, but news of it need not be told to those that come.
      caller.node.removeAllListeners()
    }
    await settle()
    const { callers, served } = await sleuth.inspect(node.id, 'stats')
    assert.equal(callers.length, MAX_CALLERS + 1)
    assert.deepEqual([callers.at(-1)?.id, callers.at(-1)?.requests], ['<other>', 5])
    assert.equal(served.requests, MAX_CALLERS + 5)
    assert.deepEqual(served.statuses, { '2xx': MAX_CALLERS + 5 })
  })

  it('fails if there is no report: at the other node, and at this one', async () => {
    const { sleuth, service, caller, server, client } = await called()
    for (const node of [server.node, client.node]) {
      node.sightings = () => {
        throw new Error('broken')
      }
    }
    await assert.rejects(sleuth.inspect(service, 'links'), coded('SLEUTH_INSPECT_FAILED'))
    assert.ok(server.lines.some(({ message }) => message === 'sleuth: a report could not be made'))
    await assert.rejects(sleuth.inspect(caller, 'links'), {
      ...coded('SLEUTH_INSPECT_FAILED'),
      message: /: broken$/,
    })
    client.node.sightings = () =>
      Array.from({ length: 2 }, (_, at) => {
        const endpoint = 'x'.repeat(60_000)
        return { id: String(at), endpoint, reach: 'connecting', since: 0, peer: undefined }
      })
    const { links, truncated } = await sleuth.inspect(caller, 'links')
    assert.deepEqual([links.length, truncated], [1, { links: 1 }])
    client.node.network = () => ({ interface: 'x'.repeat(70_000), loopback: true, discovery: [] })
    await assert.rejects(sleuth.inspect(caller, 'info'), coded('SLEUTH_INSPECT_FAILED'))
  })

  it('tells whom a node knows', async () => {
    const { sleuth, service, caller } = await called()
    const { links, dropped, lastDropped } = await sleuth.inspect(service, 'links')
    assert.equal(links.length, 1)
    const [{ id, state, wire, direct, encrypted, backlog, heard }] = links as [(typeof links)[number]]
    assert.deepEqual(
      { id, state, wire, direct, encrypted, backlog },
      { id: caller, state: 'connected', wire: 2, direct: false, encrypted: false, backlog: 0 },
    )
    assert.ok(heard !== undefined && heard >= 0)
    assert.deepEqual([dropped, lastDropped], [{}, {}])
  })

  it('tells what a node threw away, and when it last did', async () => {
    const { sleuth, service, client } = await called()
    const bytes = Buffer.alloc(1)
    client.node.whisper(service, controlPacket([{ kind: InspectKind.inspect, bytes }]))
    client.node.whisper(service, Buffer.from('nonsense'))
    await settle()
    const { dropped, lastDropped } = await sleuth.inspect(service, 'links')
    assert.deepEqual(dropped, { SLEUTH_INSPECT_MESSAGE: 1, SLEUTH_DISPATCH_HEADER: 1 })
    assert.deepEqual(Object.keys(lastDropped), Object.keys(dropped))
    for (const ago of Object.values(lastDropped)) assert.ok(ago >= 0 && ago < 1_000_000)
  })

  it('probes only the one that asks', async () => {
    const { sleuth, service, client, server } = await called()
    const asked: string[] = []
    server.node.probe = async (id) => {
      asked.push(id)
      return true
    }
    const probed = await sleuth.inspect(service, 'probe')
    assert.deepEqual({ ...probed, ms: 0 }, { endpoint: client.node.endpoint, reached: true, ms: 0 })
    assert.deepEqual(asked, [client.node.id])
    server.node.probe = async () => undefined
    assert.match((await sleuth.inspect(service, 'probe')).why ?? '', /no connection was tried/)
  })

  it('asks 100 instances at once, by one message each', async () => {
    const network = new FakeNetwork()
    const peers = []
    for (let made = 0; made < 100; made++)
      peers.push(await join(network, { service: `s${made % 10}`, handler: mirror, retry: false }))
    const { sleuth, node } = await join(network)
    const before = peers.map((peer) => peer.node.sent.length)
    const reports = await Promise.all(
      sleuth.peers().map(({ id }) => sleuth.inspect(id, 'info', { timeout: Infinity })),
    )
    assert.equal(new Set(reports.map(({ id }) => id)).size, 100)
    assert.equal(node.sent.length, 100)
    for (const [at, peer] of peers.entries()) assert.equal(peer.node.sent.length - (before[at] as number), 1)
  })

  it('asks this node itself as it asks others, without limits', async () => {
    const { sleuth, client, caller } = await called({ introspection: false })
    const reports = await Promise.all(Array.from({ length: 100 }, () => sleuth.inspect(caller, 'info')))
    assert.ok(reports.every(({ id }) => id === caller))
    assert.equal((await sleuth.inspect(caller, 'probe')).reached, true)
    assert.equal((await sleuth.inspect(caller, 'stats')).calls.foo?.calls, 3)
    assert.equal(client.node.sent.filter(({ content }) => content[1] === InspectKind.inspect).length, 0)
  })

  it('fails at once for a node that is not there, that is of Go or wire 1, and when this node is of wire 1', async () => {
    const { network, sleuth, service } = await called()
    await assert.rejects(sleuth.inspect('A'.repeat(32), 'info'), coded('SLEUTH_INSPECT_PEER'))
    const old = await join(network, { wire: 1, service: 'old', handler: mirror })
    const go = network.add({ headers: { group: 'SLEUTH-v1', node: 'x', type: 'go' } })
    for (const id of [old.node.id, go.id])
      await assert.rejects(sleuth.inspect(id, 'info'), coded('SLEUTH_INSPECT_UNSUPPORTED'))
    await assert.rejects(old.sleuth.inspect(service, 'info'), coded('SLEUTH_INSPECT_UNSUPPORTED'))
    assert.equal((await old.sleuth.inspect(old.node.id, 'info')).wires.length, 1)
  })

  it('fails in time when a node says nothing, and at once when it goes, when this node closes, and by a signal', async () => {
    const { sleuth, network, client } = await called()
    const silent = network.add({ headers: { 'sleuth-wire': '2' } })
    mockTime()
    try {
      const late = assert.rejects(sleuth.inspect(silent.id, 'info'), coded('SLEUTH_INSPECT_TIMEOUT'))
      tick(1999)
      await settle()
      tick(1)
      await late
      const short = assert.rejects(
        sleuth.inspect(silent.id, 'info', { timeout: 5 }),
        coded('SLEUTH_INSPECT_TIMEOUT'),
      )
      tick(5)
      await short
    } finally {
      restoreTime()
    }
    const reason = new Error('enough')
    await assert.rejects(sleuth.inspect(silent.id, 'info', { signal: AbortSignal.abort(reason) }), reason)
    const gone = assert.rejects(sleuth.inspect(silent.id, 'info'), coded('SLEUTH_INSPECT_PEER'))
    await settle()
    silent.vanish('lost')
    await gone
    const again = network.add({ headers: { 'sleuth-wire': '2' } })
    const closed = assert.rejects(sleuth.inspect(again.id, 'info'), {
      code: 'SLEUTH_CLOSED',
      codes: [935, 1068],
    })
    await settle()
    await sleuth.close()
    await closed
    await assert.rejects(sleuth.inspect(client.node.id, 'info'), coded('SLEUTH_CLOSED'))
  })

  it('refuses arguments that mean nothing', async () => {
    const { sleuth, service } = await called()
    for (const [peer, subject, init] of [
      ['', 'info', {}],
      [1, 'info', {}],
      [service, 'secrets', {}],
      [service, 'info', { timeout: 0 }],
      [service, 'info', { timout: 5 }],
      [service, 'info', 5],
      [service, 'info', { signal: 'no' }],
    ] as [string, InspectSubject, object][])
      await assert.rejects(sleuth.inspect(peer, subject, init), coded('SLEUTH_ARGUMENT'))
    assert.equal(sleuth.stats().errors.SLEUTH_ARGUMENT, 7)
  })

  it('takes an answer only from the peer that was asked, and drops what nobody asked for', async () => {
    const { network, sleuth, client } = await called()
    const silent = network.add({ headers: { 'sleuth-wire': '2' } })
    const liar = network.add({ headers: { 'sleuth-wire': '2' } })
    let question: Buffer | undefined
    silent.on('whisper', (_peer: Peer, [content]) => {
      if (content?.[1] === InspectKind.inspect) question = content.subarray(10, 14)
    })
    const asked = sleuth.inspect(silent.id, 'info')
    await settle()
    const id = question?.readUInt32BE() ?? assert.fail('it was not asked')
    const answer = (from: typeof liar, json: string, more: object = {}) => {
      const bytes = encodeAnswer({ id, status: 'ok', json, ...more })
      from.whisper(client.node.id, controlPacket([{ kind: InspectKind.report, bytes }]))
    }
    answer(liar, '{"id":"liar"}')
    answer(silent, '{"id":"other"}', { id: id + 1 })
    answer(silent, `"${'x'.repeat(MAX_REPORT)}"`)
    await settle()
    assert.equal(sleuth.stats().dropped.SLEUTH_INSPECT_MESSAGE, 3)
    answer(silent, '{"id":"true"}')
    assert.equal((await asked).id, 'true')
    const unreadable = assert.rejects(sleuth.inspect(silent.id, 'info'), coded('SLEUTH_INSPECT_FAILED'))
    await settle()
    answer(silent, '[1]', { id: question?.readUInt32BE() })
    await unreadable
  })
})

describe('options.introspection', () => {
  const remote = async (options: SleuthOptions) => {
    const network = new FakeNetwork()
    const server = await join(network, { service: 'foo', handler: mirror, ...options })
    const client = await join(network)
    client.node.move('10.0.0.7')
    const ask = <S extends InspectSubject>(subject: S) => client.sleuth.inspect(server.node.id, subject)
    return { ask, server, client }
  }
  const refused = coded('SLEUTH_INSPECT_REFUSED')

  it('by default lets everyone ask who a node is, and only programs of the same host the rest', async () => {
    const { ask } = await remote({})
    assert.equal((await ask('info')).service, 'foo')
    for (const subject of ['stats', 'links', 'probe'] as const) await assert.rejects(ask(subject), refused)
  })

  it('does not take a peer for a program of the same host that is answered on its own connection', async () => {
    const network = new FakeNetwork()
    const server = await join(network, { service: 'foo', handler: mirror })
    const client = await join(network, { advertise: false })
    server.node.meet(client.node.self)
    assert.equal(server.node.peer(client.node.id)?.connections, 'theirs')
    assert.equal((await client.sleuth.inspect(server.node.id, 'info')).service, 'foo')
    await assert.rejects(client.sleuth.inspect(server.node.id, 'stats'), refused)
  })

  it('opens everything, or nothing', async () => {
    const open = await remote({ introspection: true })
    for (const subject of ['info', 'stats', 'links', 'probe'] as const) await open.ask(subject)
    const shut = await remote({ introspection: false })
    for (const subject of ['info', 'stats', 'links', 'probe'] as const)
      await assert.rejects(shut.ask(subject), refused)
  })

  it('opens everything to those for whom a function returns true', async () => {
    const asked: SleuthPeer[] = []
    let answer: unknown = true
    const { ask, client, server } = await remote({
      introspection: (peer) => {
        asked.push(peer)
        if (answer instanceof Error) throw answer
        return answer as boolean
      },
    })
    await ask('links')
    assert.deepEqual(
      asked.map(({ id, address }) => ({ id, address })),
      [{ id: client.node.id, address: '10.0.0.7' }],
    )
    for (answer of [false, 1, Promise.resolve(true), new Error('broken')])
      await assert.rejects(ask('info'), refused)
    const lines = server.lines.filter(({ fields }) => fields.code === 'SLEUTH_INTROSPECTION')
    assert.equal(lines.length, 3)
  })
})

function sum(slots: readonly number[]): number {
  return slots.reduce((all, n) => all + n, 0)
}

import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { SleuthError } from '#src/shared/errors.js'
import { directWindows } from '#src/shared/limits.js'
import { CHECK_MS } from '#src/transport/direct/silence.js'
import { FakeNetwork } from '../../fake-network.js'
import { join } from '../../harness.js'
import { echo, pattern, sizes, until } from '../streams/harness.js'
import {
  connected,
  joinDirect as joinOpen,
  directPair as openPair,
  SocketWatch,
  standing,
  whispers,
  withKeys,
} from './harness.js'

const post = (body: Buffer) => ({ method: 'POST', body })

for (const [name, own] of [
  ['a direct connection', () => ({})],
  ['a direct connection with keys', withKeys],
] as const)
  describe(name, () => {
    const joinDirect: typeof joinOpen = (network, options) => joinOpen(network, { ...own(), ...options })
    const directPair: typeof openPair = (handler, { service, client } = {}) =>
      openPair(handler, { service: { ...own(), ...service }, client: { ...own(), ...client } })

    let watch: SocketWatch
    /** Nothing of a network in memory keeps the process going. */
    let alive: NodeJS.Timeout
    beforeEach(() => {
      watch = new SocketWatch()
      alive = setInterval(() => {}, 1000)
    })
    afterEach(() => {
      clearInterval(alive)
      watch.stop()
    })

    it('carries calls and their bodies once it stands, and nothing more is whispered', async () => {
      const { server, caller, sleuth } = await directPair(echo)
      assert.equal(
        (await sleuth.request('sleuth://foo/', post(Buffer.from('first')))).body.toString(),
        'first',
      )
      assert.ok(whispers(caller.node) > 0)
      await connected(server, caller)
      const before = [whispers(server.node), whispers(caller.node)]
      for (const size of sizes) {
        const body = pattern(size)
        assert.ok((await sleuth.request('sleuth://foo/', post(body))).body.equals(body), `${size} bytes`)
      }
      assert.deepEqual([whispers(server.node), whispers(caller.node)], before)
      assert.equal(watch.client.length, 1)
      await sleuth.close()
      await server.sleuth.close()
      assert.deepEqual([server.sleuth.stats().dropped, caller.sleuth.stats().dropped], [{}, {}])
    })

    it('tells both nodes that their link is in use while it carries a call, and not without one', async (context) => {
      context.mock.timers.enable({ apis: ['setInterval'] })
      const answers: ServerResponse[] = []
      const { server, caller, sleuth } = await directPair((req, res) => {
        if (req.url === '/later') answers.push(res)
        else res.end()
      })
      await sleuth.request('sleuth://foo/')
      await connected(server, caller)
      const used = () => [caller, server].map(({ node }) => [...node.used])
      context.mock.timers.tick(CHECK_MS)
      assert.deepEqual(used(), [[], []])
      const answer = sleuth.request('sleuth://foo/later')
      await until(() => answers.length > 0)
      context.mock.timers.tick(CHECK_MS)
      assert.deepEqual(used(), [[server.node.id], [caller.node.id]])
      context.mock.timers.reset()
      answers[0]?.end()
      await answer
      await sleuth.close()
      await server.sleuth.close()
    })

    it('stands before the first call to a service that was waited for, and to its instances that come later', async (context) => {
      const network = new FakeNetwork()
      const caller = await joinDirect(network)
      // `waitFor` waits only a moment for it: on a busy machine that may be too short.
      context.mock.timers.enable({ apis: ['setTimeout'] })
      const found = caller.sleuth.waitFor('foo')
      const first = await joinDirect(network, { service: 'foo', handler: echo })
      await found
      assert.equal(standing(caller), 1)
      context.mock.timers.reset()
      await connected(first)
      const second = await joinDirect(network, { service: 'foo', handler: echo })
      await connected(second)
      await until(() => standing(caller) === 2)
      await caller.sleuth.waitFor('foo')
      const other = await joinDirect(network, { service: 'other', handler: echo })
      const before = whispers(caller.node)
      for (let count = 0; count < 4; count++) await caller.sleuth.request('sleuth://foo/')
      assert.deepEqual([whispers(caller.node), standing(other), watch.client.length], [before, 0, 2])
      for (const { sleuth } of [caller, first, second, other]) await sleuth.close()
    })

    it('is waited for only a moment, and not beyond a timeout', async (context) => {
      const network = new FakeNetwork()
      const deaf = await joinDirect(network, { service: 'foo', handler: echo, direct: false })
      const caller = await joinDirect(network)
      context.mock.timers.enable({ apis: ['setTimeout'] })
      let found = 0
      const waits = [{}, { timeout: 60 }, {}].map((options) =>
        caller.sleuth.waitFor('foo', options).then(() => found++),
      )
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(found, 0)
      context.mock.timers.tick(60)
      await waits[1]
      assert.equal(found, 1)
      context.mock.timers.tick(40)
      await Promise.all(waits)
      context.mock.timers.reset()
      for (const { sleuth } of [caller, deaf]) await sleuth.close()
    })

    it('lets a body go on for a window of its own before anybody reads', async () => {
      const seen: IncomingMessage[] = []
      const { server, caller, sleuth } = await directPair((req, res) => {
        if (req.method === 'GET') res.end()
        else seen.push(req)
      })
      await sleuth.waitFor('foo')
      const { first } = directWindows
      const chunk = pattern(64 * 1024)
      let taken = 0
      async function* body() {
        for (; taken < 2 * first; taken += chunk.length) yield chunk
      }
      const given = new AbortController()
      const call = sleuth.do('sleuth://foo/', {
        method: 'POST',
        body: body(),
        duplex: 'half',
        signal: given.signal,
      })
      await until(() => taken >= first)
      // By then the peer has read all of that, and credit would be here.
      await sleuth.request('sleuth://foo/')
      assert.equal(taken, first)
      seen[0]?.resume()
      await until(() => taken === 2 * first)
      given.abort()
      await assert.rejects(call, { name: 'AbortError' })
      for (const end of [caller, server]) await end.sleuth.close()
    })

    it('counts its bytes', async () => {
      const { server, caller, sleuth } = await directPair(echo)
      await sleuth.request('sleuth://foo/')
      await connected(server, caller)
      const before = [sleuth.stats(), server.sleuth.stats()]
      await sleuth.request('sleuth://foo/', post(pattern(100_000)))
      const after = [sleuth.stats(), server.sleuth.stats()]
      for (const [at, stats] of after.entries()) {
        assert.ok(stats.bytesSent - (before[at]?.bytesSent ?? 0) > 100_000)
        assert.ok(stats.bytesReceived - (before[at]?.bytesReceived ?? 0) > 100_000)
      }
      await sleuth.close()
      await server.sleuth.close()
    })

    it('is one for both directions', async () => {
      const network = new FakeNetwork()
      const one = await joinDirect(network, { service: 'one', handler: echo })
      const two = await joinDirect(network, { service: 'two', handler: echo })
      await one.sleuth.request('sleuth://two/')
      await connected(one, two)
      const before = whispers(two.node)
      await two.sleuth.request('sleuth://one/')
      assert.deepEqual([whispers(two.node), watch.client.length], [before, 1])
      await one.sleuth.close()
      await two.sleuth.close()
    })

    it('is one when both call at once, made by the one with the greater id', async () => {
      const network = new FakeNetwork()
      const one = await joinDirect(network, { service: 'one', handler: echo })
      const two = await joinDirect(network, { service: 'two', handler: echo })
      await Promise.all([one.sleuth.request('sleuth://two/'), two.sleuth.request('sleuth://one/')])
      await connected(one, two)
      await Promise.all([one.sleuth.request('sleuth://two/'), two.sleuth.request('sleuth://one/')])
      assert.ok(two.node.id > one.node.id)
      // Only who makes an offer has a port.
      const offers = (node: typeof one.node) =>
        node.sent.filter(({ content }) => content.includes(0x0a, 1) && content[1] === 0x0a)
      assert.deepEqual([offers(one.node).length, offers(two.node).length], [1, 0])
      assert.deepEqual([standing(one), standing(two), watch.client.length], [1, 1, 1])
      await one.sleuth.close()
      await two.sleuth.close()
    })

    it('is made by the one that can reach the other, whoever calls first', async () => {
      for (const first of ['laptop', 'mesh'] as const) {
        const network = new FakeNetwork()
        const ends = [{}, { advertise: false as const }]
        // The one that is made first calls.
        if (first === 'laptop') ends.reverse()
        const [one, two] = await Promise.all(
          ends.map((options, at) =>
            joinDirect(network, { service: `number-${at}`, handler: echo, ...options }),
          ),
        )
        assert.ok(one !== undefined && two !== undefined)
        const [laptop, mesh] = first === 'laptop' ? [one, two] : [two, one]
        const offers = () => mesh.node.sent.filter(({ content }) => content[1] === 0x0a).length
        const theirs = () => laptop.node.sent.filter(({ content }) => content[1] === 0x0a).length
        await one.sleuth.request('sleuth://number-1/')
        await connected(laptop, mesh)
        assert.deepEqual([offers(), theirs()], [1, 0], first)
        await laptop.sleuth.close()
        await mesh.sleuth.close()
      }
    })

    it('is not made to a node that knows nothing of it, or wants none; nor by one that wants none', async () => {
      for (const [server, client] of [
        [{ direct: false }, {}],
        [{}, { direct: false }],
        [{ wire: 1 as const }, {}],
      ]) {
        const { server: service, caller, sleuth } = await directPair(echo, { service: server, client })
        for (let count = 0; count < 5; count++) await sleuth.request('sleuth://foo/')
        assert.deepEqual([standing(service), standing(caller), watch.client.length], [0, 0, 0])
        await sleuth.close()
        await service.sleuth.close()
      }
    })

    it('asks once in a while, and not with each call', async () => {
      const { caller, server, sleuth } = await directPair(echo, { service: { direct: false } })
      for (let count = 0; count < 5; count++) await sleuth.request('sleuth://foo/')
      const asked = caller.node.sent.filter(({ content }) => content[1] === 0x09)
      assert.equal(asked.length, 1)
      await sleuth.close()
      await server.sleuth.close()
    })

    it('that can not be made leaves calls to ZeroMQ, and is told in the log', async () => {
      const { caller, server, sleuth } = await directPair(echo)
      // A port at which nobody listens.
      const { whisper } = server.node
      server.node.whisper = (to, content) => {
        const packet = Buffer.from(content as Buffer)
        if (packet[1] === 0x0a) packet.writeUInt16BE(1, 11)
        whisper.call(server.node, to, packet)
      }
      await sleuth.request('sleuth://foo/')
      const told = ({ message }: { message: string }) => /no direct connection to a peer/.test(message)
      await until(() => caller.lines.some(told))
      assert.equal((await sleuth.request('sleuth://foo/', post(Buffer.from('x')))).body.toString(), 'x')
      assert.equal(standing(server), 0)
      await sleuth.close()
      await server.sleuth.close()
    })

    it('that breaks ends what is under way as a lost peer does, and the next calls go by ZeroMQ', async () => {
      const waiting: ServerResponse[] = []
      let aborted = 0
      const handler = (req: IncomingMessage, res: ServerResponse) => {
        if (req.url === '/now') {
          res.end('now')
          return
        }
        waiting.push(res)
        res.on('close', () => aborted++)
      }
      const { server, caller, sleuth } = await directPair(handler)
      await sleuth.request('sleuth://foo/now')
      await connected(server, caller)
      const failed = sleuth
        .request('sleuth://foo/', { method: 'POST', timeout: Infinity })
        .catch((error: SleuthError) => error)
      await until(() => waiting.length === 1)
      watch.server[0]?.destroy()
      const error = (await failed) as SleuthError
      assert.deepEqual([error.code, error.mayHaveRun], ['SLEUTH_PEER_GONE', true])
      await until(() => aborted === 1)
      assert.ok(
        caller.lines.some(({ message }) => message.includes('has closed: calls to its peer go by ZeroMQ')),
      )
      const before = whispers(caller.node)
      assert.equal((await sleuth.request('sleuth://foo/now')).body.toString(), 'now')
      assert.ok(whispers(caller.node) > before)
      await sleuth.close()
      await server.sleuth.close()
    })

    it('is made over IPv6', async () => {
      const network = new FakeNetwork()
      const server = await joinDirect(network, { service: 'foo', handler: echo })
      const caller = await joinDirect(network)
      for (const { node } of [server, caller]) node.move('::1')
      await caller.sleuth.request('sleuth://foo/')
      await connected(server, caller)
      assert.equal(watch.client[0]?.remoteAddress, '::1')
      await caller.sleuth.close()
      await server.sleuth.close()
    })

    it('is where its node is now', async () => {
      const { network, server, caller, sleuth } = await directPair(echo)
      await sleuth.request('sleuth://foo/')
      await connected(server, caller)
      watch.client[0]?.destroy()
      const another = await joinDirect(network)
      await another.sleuth.request('sleuth://foo/')
      await connected(another)
      server.node.move('127.0.0.2')
      const late = await joinDirect(network)
      await late.sleuth.request('sleuth://foo/')
      await connected(late)
      assert.equal(watch.client[2]?.remoteAddress, '127.0.0.2')
      for (const one of [late, another, caller, server]) await one.sleuth.close()
    })

    it('is made by a node whose address only a router has, and not to it', async () => {
      const network = new FakeNetwork()
      const one = await joinDirect(network, { service: 'one', handler: echo })
      const behind = await joinDirect(network, { service: 'two', handler: echo })
      // Nobody has this address (RFC 5737).
      behind.node.move('192.0.2.1')
      await one.sleuth.request('sleuth://two/')
      assert.deepEqual([watch.client.length, one.problems(), behind.problems()], [0, [], []])
      await behind.sleuth.request('sleuth://one/')
      await connected(one, behind)
      assert.equal(watch.client[0]?.remoteAddress, '127.0.0.1')
      await behind.sleuth.close()
      await one.sleuth.close()
    })

    it('that breaks lets a GET be tried again', async () => {
      let asked = 0
      const { server, caller, sleuth } = await directPair((req, res) => {
        if (req.url === '/now' || asked++ > 0) res.end('now')
      })
      await sleuth.request('sleuth://foo/now')
      await connected(server, caller)
      const answer = sleuth.request('sleuth://foo/')
      await until(() => asked === 1)
      watch.client[0]?.destroy()
      assert.equal((await answer).body.toString(), 'now')
      await sleuth.close()
      await server.sleuth.close()
    })

    it('goes with its peer, and is made again when that is back', async () => {
      const { network, server, caller, sleuth } = await directPair(echo)
      await sleuth.request('sleuth://foo/')
      await connected(server, caller)
      server.node.vanish('expired')
      await until(() => watch.client[0]?.destroyed)
      const again = await joinDirect(network, { service: 'foo', handler: echo })
      await sleuth.request('sleuth://foo/')
      await until(() => standing(again) === 1 && standing(caller) === 2)
      await sleuth.close()
      await again.sleuth.close()
    })

    it('shares the limits of its peer with ZeroMQ', async () => {
      const waiting: ServerResponse[] = []
      const { server, caller, sleuth } = await directPair((_, res) => void waiting.push(res), {
        service: { limits: { streams: 2 } },
        client: { retry: false },
      })
      const first = sleuth.request('sleuth://foo/')
      await connected(server, caller)
      const second = sleuth.request('sleuth://foo/')
      await until(() => waiting.length === 2)
      await assert.rejects(sleuth.request('sleuth://foo/'), { code: 'SLEUTH_OVERLOADED' })
      for (const res of waiting) res.end()
      await Promise.all([first, second])
      assert.equal(server.sleuth.stats().dropped['peer-streams'], 1)
      await sleuth.close()
      await server.sleuth.close()
    })

    it('brings all that was written before its node closed', async () => {
      const body = pattern(3_000_000)
      const { server, caller, sleuth } = await directPair((_, res) => res.end(body))
      await sleuth.request('sleuth://foo/')
      await connected(server, caller)
      const answers = Array.from({ length: 5 }, () => sleuth.request('sleuth://foo/'))
      await until(() => server.sleuth.stats().inflight === 5)
      await server.sleuth.close()
      for (const answer of answers) assert.ok((await answer).body.equals(body))
      // That a peer which leaves closes its connection is nothing to tell.
      assert.deepEqual(
        caller.lines.filter(({ message }) => message.includes('has closed')),
        [],
      )
      await sleuth.close()
    })

    it('ends when what comes by it can not be read: counted, and calls go on by ZeroMQ', async () => {
      const { server, caller, sleuth } = await directPair(echo)
      await sleuth.request('sleuth://foo/')
      await connected(server, caller)
      watch.client[0]?.write(Buffer.from('01ffffffffffffffff', 'hex'))
      await until(() => server.sleuth.stats().dropped.SLEUTH_PACKET === 1)
      await until(() => watch.client[0]?.destroyed)
      assert.equal((await sleuth.request('sleuth://foo/')).status, 200)
      await sleuth.close()
      await server.sleuth.close()
    })

    it('that nobody answers by any more, though the peer does, is given up', async () => {
      const { server, caller, sleuth } = await directPair(echo, { client: { lostAfter: 300 } })
      await sleuth.request('sleuth://foo/')
      await connected(server, caller)
      // Something on the way has dropped it: what is sent is not read, and neither end is told.
      watch.server[0]?.pause()
      const lost = sleuth.request('sleuth://foo/', { method: 'POST', timeout: Infinity })
      await assert.rejects(lost, { code: 'SLEUTH_PEER_GONE' })
      assert.equal(caller.sleuth.stats().dropped.SLEUTH_CONNECTION, 1)
      assert.equal((await sleuth.request('sleuth://foo/')).status, 200)
      await sleuth.close()
      await server.sleuth.close()
    })

    it('stands while its peer is busy with what came by it, and answers nothing yet', async () => {
      const waiting: ServerResponse[] = []
      const count = 60
      const { server, caller, sleuth } = await directPair(
        (req, res) => {
          if (req.method === 'GET') {
            res.end()
            return
          }
          // The pings of the caller wait behind the requests, and its PINGs by ZeroMQ do not.
          const end = performance.now() + 25
          while (performance.now() < end);
          waiting.push(res)
          if (waiting.length === count) for (const one of waiting) one.end()
        },
        { client: { lostAfter: 300 } },
      )
      await sleuth.request('sleuth://foo/')
      await connected(server, caller)
      const calls = Array.from({ length: count }, () => sleuth.request('sleuth://foo/', post(pattern(1500))))
      for (const { status } of await Promise.all(calls)) assert.equal(status, 200)
      assert.deepEqual(caller.sleuth.stats().dropped, {})
      await sleuth.close()
      await server.sleuth.close()
    })

    it('keeps nothing open that a test or a process waits for', async () => {
      const { server, caller, sleuth } = await directPair(echo)
      await sleuth.request('sleuth://foo/')
      await connected(server, caller)
      await sleuth.close()
      await server.sleuth.close()
      await until(() => [...watch.client, ...watch.server].every((socket) => socket.destroyed))
    })

    it('is not made where the network is in memory, unless it is asked for', async () => {
      const network = new FakeNetwork()
      const server = await join(network, { service: 'foo', handler: echo })
      const caller = await join(network)
      for (let count = 0; count < 3; count++) await caller.sleuth.request('sleuth://foo/')
      assert.equal(standing(caller), 0)
      await caller.sleuth.close()
      await server.sleuth.close()
    })
  })

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, describe, it } from 'node:test'
import { generateKeys } from '@sleuth/zre'
import { Prober } from '#src/sockets/prober.js'
import { newContext } from './support/contexts.js'
import { event, gone, Nodes } from './support/nodes.js'

const context = newContext()

describe('a probe', { timeout: 60_000 }, () => {
  const prober = new Prober({ context, timeout: 500, maxProbes: 16 })
  after(() => prober.close())

  it('is answered by a process whose event loop stands still, and not by one that is stopped', async () => {
    const busy = fork(new URL('support/programs/inbox.js', import.meta.url))
    try {
      const [endpoint] = await once(busy, 'message')
      assert.equal(await prober.probe(endpoint, undefined), true)
      busy.send('block')
      await once(busy, 'message')
      assert.equal(await prober.probe(endpoint, undefined), true)
      busy.kill('SIGSTOP')
      // It takes a moment until all of its threads stand still.
      while (await prober.probe(endpoint, undefined));
    } finally {
      busy.kill('SIGKILL')
    }
  })

  it('is not answered where nobody listens, nor by what speaks no ZMTP', async () => {
    const hasty = new Prober({ context, timeout: 100, maxProbes: 16 })
    const server = createServer((socket) => socket.on('error', () => {}))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    assert.equal(await hasty.probe(`tcp://127.0.0.1:${port}`, undefined), false)
    server.close()
    assert.equal(await hasty.probe('tcp://127.0.0.1:1', undefined), false)
    hasty.close()
  })

  it('is not sent when too many are under way, and those that are end when it is closed', async () => {
    const crowd = new Prober({ context, timeout: 60_000, maxProbes: 16 })
    const server = createServer((socket) => socket.on('error', () => {}))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const probes = Array.from({ length: 17 }, () => crowd.probe(`tcp://127.0.0.1:${port}`, undefined))
    // Not false: nobody knows whether the process would answer.
    assert.equal(await probes[16], undefined)
    crowd.close()
    assert.ok((await Promise.all(probes)).every((answered) => answered === undefined))
    server.close()
  })
})

describe('a probe without a socket', { timeout: 60_000 }, () => {
  it('says nothing about the process', async () => {
    const prober = new Prober({ context: newContext({ maxSockets: 1 }), timeout: 500, maxProbes: 16 })
    assert.equal(await prober.probe('tcp://127.0.0.1:1', undefined), undefined)
    prober.close()
  })
})

describe('a node', { timeout: 60_000 }, () => {
  for (const keys of [undefined, [generateKeys(), generateKeys()] as const]) {
    it(`probes a peer ${keys ? 'with keys' : 'without keys'}, of which nothing is counted there`, async () => {
      await using nodes = await Nodes.open()
      const allow = keys?.map(({ publicKey }) => publicKey) ?? []
      const [one, two] = await Promise.all(
        [0, 1].map((i) => nodes.add(keys ? { security: { ...(keys[i] as (typeof keys)[0]), allow } } : {})),
      )
      assert.ok(one && two)
      if (one.peer(two.id) === undefined) await event(one, 'enter')
      assert.equal(await one.probe(two.id), true)
      assert.equal(await one.probe('0'.repeat(32)), false)
      assert.deepEqual(two.stats().dropped, {})
      // Its inbox is closed by a thread, and may still answer when `close` resolves.
      const exit = gone(one, two.id)
      await two.close()
      await exit
      assert.equal(await one.probe(two.id), false)
    })
  }
})

import assert from 'node:assert/strict'
import { CallError, type Caller } from './caller.js'
import { freshPort, type Network } from './network.js'
import type { Direction } from './table.js'

/** What one side notices of the other's coming and going. Each runs on a UDP port of its own. */
export interface Departure {
  name: string
  direction: Direction
  run(network: Network, note: (text: string) => void): Promise<void>
}

const service = 'leaver'
const url = `sleuth://${service}/echo`

export const departures: Departure[] = [
  {
    name: 'the service closes: noticed, 919',
    direction: 'Node → Go',
    async run(network) {
      const port = freshPort()
      const [leaver, caller] = await Promise.all([network.goService(port, service), network.nodeCaller(port)])
      await caller.waitFor(service)
      await leaver.tell('close')
      const down = await caller.client.news('down')
      assert.equal(down['reason'], 'left')
      await assert.rejects(caller.call('GET', url), { codes: [919] })
    },
  },
  {
    name: 'the service closes: noticed, 919',
    direction: 'Go → Node',
    async run(network) {
      const port = freshPort()
      const [leaver, caller] = await Promise.all([network.nodeService(port, service), network.goCaller(port)])
      await caller.waitFor(service)
      await leaver.tell('close')
      await untilUnknown(caller)
    },
  },
  {
    name: 'the service is killed (-9): noticed, 919; started again: found',
    direction: 'Node → Go',
    async run(network, note) {
      const port = freshPort()
      const [leaver, caller] = await Promise.all([network.goService(port, service), network.nodeCaller(port)])
      await caller.waitFor(service)
      await caller.client.news('up')
      const killed = performance.now()
      await leaver.kill()
      const down = await caller.client.news('down')
      note(`${down['reason']} after ${Math.round(performance.now() - killed)} ms`)
      await assert.rejects(caller.call('GET', url), { codes: [919] })
      await network.goService(port, service)
      await caller.waitFor(service)
      assert.equal((await caller.call('GET', url)).status, 200)
    },
  },
  {
    name: 'the service is killed (-9): noticed, 919; started again: found',
    direction: 'Go → Node',
    async run(network, note) {
      const port = freshPort()
      const [leaver, caller] = await Promise.all([network.nodeService(port, service), network.goCaller(port)])
      await caller.waitFor(service)
      const killed = performance.now()
      await leaver.kill()
      await untilUnknown(caller)
      note(`after ${Math.round(performance.now() - killed)} ms (gyre expires a peer after 5 s)`)
      await network.nodeService(port, service)
      await caller.waitFor(service)
      assert.equal((await caller.call('GET', url)).status, 200)
    },
  },
  {
    name: 'the client closes: noticed',
    direction: 'Go → Node',
    async run(network) {
      const port = freshPort()
      const observer = await network.observer(port)
      const caller = await network.goCaller(port)
      const client = (await observer.news('enter'))['peer']
      await caller.client.tell('close')
      await observer.news('leave', (line) => line['peer'] === client && line['group'] === 'SLEUTH-v1')
    },
  },
  {
    name: 'the client is killed (-9): noticed',
    direction: 'Go → Node',
    async run(network, note) {
      const port = freshPort()
      const observer = await network.observer(port)
      const caller = await network.goCaller(port)
      const client = (await observer.news('enter'))['peer']
      const killed = performance.now()
      await caller.client.kill()
      const exit = await observer.news('exit')
      assert.equal(exit['peer'], client)
      note(`${exit['reason']} after ${Math.round(performance.now() - killed)} ms`)
    },
  },
  {
    name: 'round-robin over a Go and a Node instance; one killed',
    direction: 'Go → Node',
    async run(network) {
      const port = freshPort()
      const [caller, , node] = await Promise.all([
        network.goCaller(port),
        network.goService(port, service, 'go'),
        network.nodeService(port, service, 'handler', 'node'),
      ])
      await caller.waitFor(service)
      await alternates(caller)
      await node.kill()
      await untilOnly(caller, 'go')
    },
  },
  {
    name: 'round-robin over a Go and a Node instance; one killed',
    direction: 'Node → Go',
    async run(network) {
      const port = freshPort()
      const [caller, go] = await Promise.all([
        network.nodeCaller(port),
        network.goService(port, service, 'go'),
        network.nodeService(port, service, 'handler', 'node'),
      ])
      await caller.waitFor(service)
      await alternates(caller)
      await go.kill()
      await untilOnly(caller, 'node')
    },
  },
]

/** Calls until the caller knows both instances, then sees that they take turns. Tries without an answer are turns too. */
async function alternates(caller: Caller): Promise<void> {
  const met = new Set<string>()
  for (let call = 0; met.size < 2; call += 1) {
    assert.ok(call < 500, 'a second instance never answered')
    met.add(await instanceOf(caller))
  }
  const turns: string[] = []
  while (turns.length < 12) {
    const before = caller.repeated
    const instance = await instanceOf(caller)
    for (let lost = before; lost < caller.repeated; lost += 1) turns.push('?')
    turns.push(instance)
  }
  const even = new Set(turns.filter((turn, at) => turn !== '?' && at % 2 === 0))
  const odd = new Set(turns.filter((turn, at) => turn !== '?' && at % 2 === 1))
  assert.deepEqual([even.size, odd.size], [1, 1], turns.join(' '))
  assert.notDeepEqual(even, odd, turns.join(' '))
}

/** Calls until the one that is left answers several times running, and nothing else does. */
async function untilOnly(caller: Caller, instance: string): Promise<void> {
  let running = 0
  for (let call = 0; running < 4; call += 1) {
    assert.ok(call < 500, `others than ${instance} still answer, or nobody does`)
    const answered = await instanceOf(caller).catch(() => undefined)
    running = answered === instance ? running + 1 : 0
  }
}

/** Go's client tells of nothing: it is asked until it knows no instance. */
async function untilUnknown(caller: Caller): Promise<void> {
  for (let call = 0; ; call += 1) {
    const outcome = await caller.callOnce('GET', url).catch((error: unknown) => error)
    if (outcome instanceof CallError && outcome.codes[0] === 919) return
    assert.ok(call < 500, 'the instance that left is still called')
  }
}

async function instanceOf(caller: Caller): Promise<string> {
  const { headers } = await caller.call('GET', url)
  return headers['x-instance']?.[0] ?? ''
}

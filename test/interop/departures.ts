import assert from 'node:assert/strict'
import type { LineProcess } from '../hosts/line-process.js'
import { CallError, Caller } from './caller.js'
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

const closes = 'the service closes: noticed, 919'
const killed = 'the service is killed (-9): noticed, 919; started again: found'
const turns = 'round-robin over a Go and a Node instance; one killed'

export const departures: Departure[] = [
  {
    name: closes,
    direction: 'Node → Go',
    async run(network) {
      const { leaver, caller } = await meet(network, 'Node → Go')
      await leaver.tell('close')
      assert.equal((await caller.client.news('down')).reason, 'left')
      await assert.rejects(caller.call('GET', url), { codes: [919] })
    },
  },
  {
    name: closes,
    direction: 'Go → Node',
    async run(network) {
      const { leaver, caller } = await meet(network, 'Go → Node')
      await leaver.tell('close')
      await untilUnknown(caller)
    },
  },
  {
    name: killed,
    direction: 'Node → Go',
    async run(network, note) {
      const { leaver, caller, port } = await meet(network, 'Node → Go')
      await caller.client.news('up')
      const begin = performance.now()
      await leaver.kill()
      const down = await caller.client.news('down')
      note(`${down.reason}, ${since(begin)}`)
      await assert.rejects(caller.call('GET', url), { codes: [919] })
      await serve(network, 'Node → Go', port)
      await caller.waitFor(service)
      assert.equal((await caller.call('GET', url)).status, 200)
    },
  },
  {
    name: killed,
    direction: 'Go → Node',
    async run(network, note) {
      const { leaver, caller, port } = await meet(network, 'Go → Node')
      const begin = performance.now()
      await leaver.kill()
      await untilUnknown(caller)
      note(`${since(begin)}: gyre's own expiry`)
      await serve(network, 'Go → Node', port)
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
      const client = await network.goClient(port)
      const id = (await observer.news('enter')).peer
      await client.tell('close')
      assert.equal((await observer.news('leave', (line) => line.group === 'SLEUTH-v1')).peer, id)
    },
  },
  {
    name: 'the client is killed (-9): noticed',
    direction: 'Go → Node',
    async run(network, note) {
      const port = freshPort()
      const observer = await network.observer(port)
      const client = await network.goClient(port)
      const id = (await observer.news('enter')).peer
      const begin = performance.now()
      await client.kill()
      const exit = await observer.news('exit')
      assert.equal(exit.peer, id)
      note(`${exit.reason}, ${since(begin)}`)
    },
  },
  ...(['Go → Node', 'Node → Go'] as const).map((direction) => ({
    name: turns,
    direction,
    async run(network: Network) {
      const { leaver, caller, port } = await meet(network, direction)
      if (direction === 'Go → Node') await network.goService(port, service, 'stays')
      else await network.nodeService(port, service, 'handler', 'stays')
      await alternates(caller)
      await leaver.kill()
      await untilOnly(caller, 'stays')
    },
  })),
]

/** A service in the one language, and a caller in the other that has found it. */
async function meet(
  network: Network,
  direction: Direction,
): Promise<{ leaver: LineProcess; caller: Caller; port: string }> {
  const port = freshPort()
  const [leaver, client] = await Promise.all([
    serve(network, direction, port),
    direction === 'Go → Node' ? network.goClient(port) : network.nodeClient(port),
  ])
  const caller = new Caller(direction === 'Go → Node' ? 'Go' : 'Node do', client)
  await caller.waitFor(service)
  return { leaver, caller, port }
}

function serve(network: Network, direction: Direction, port: string): Promise<LineProcess> {
  return direction === 'Go → Node' ? network.nodeService(port, service) : network.goService(port, service)
}

/** Calls until the caller knows both instances, then sees that they take turns. */
async function alternates(caller: Caller): Promise<void> {
  const met = new Set<string>()
  for (let call = 0; met.size < 2; call += 1) {
    assert.ok(call < 500, 'a second instance never answered')
    met.add(await instanceOf(caller))
  }
  // A call whose answer Go's client missed was a turn too.
  const answered: string[] = []
  while (answered.length < 12) {
    const before = caller.repeated
    const instance = await instanceOf(caller)
    answered.push(...Array<string>(caller.repeated - before).fill('missed'), instance)
  }
  const takers = [0, 1].map((parity) => {
    return new Set(answered.filter((instance, at) => at % 2 === parity && instance !== 'missed'))
  })
  assert.deepEqual(
    takers.map((taker) => taker.size),
    [1, 1],
    answered.join(' '),
  )
  assert.notDeepEqual(takers[0], takers[1], answered.join(' '))
}

/** Calls until this instance has answered four times running. */
async function untilOnly(caller: Caller, instance: string): Promise<void> {
  let running = 0
  for (let call = 0; running < 4; call += 1) {
    assert.ok(call < 500, `others than ${instance} are still called`)
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

function since(begin: number): string {
  return `after ${Math.round(performance.now() - begin)} ms`
}

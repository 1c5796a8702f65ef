import assert from 'node:assert/strict'
import type { LineProcess } from '../hosts/line-process.js'
import { CallError, Caller, type Reply } from './caller.js'
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

const closes = 'service closes: noticed, then 919'
const killed = 'service killed -9: noticed; back: found'
const turns = 'round-robin over Go and Node; one killed'
const passing = 'clients leave: the service goes on'

export const departures: Departure[] = [
  {
    name: closes,
    direction: 'Node → Go',
    async run(network) {
      const { server, caller } = await meet(network, 'Node → Go')
      await server.tell('close')
      assert.equal((await caller.client.news('down')).reason, 'left')
      await assert.rejects(caller.call('GET', url), { codes: [919] })
    },
  },
  {
    name: closes,
    direction: 'Go → Node',
    async run(network) {
      const { server, caller } = await meet(network, 'Go → Node')
      await server.tell('close')
      await untilUnknown(caller)
    },
  },
  {
    name: killed,
    direction: 'Node → Go',
    async run(network, note) {
      const { server, caller, port } = await meet(network, 'Node → Go')
      await caller.client.news('up')
      const begin = performance.now()
      await server.kill()
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
      const { server, caller, port } = await meet(network, 'Go → Node')
      const begin = performance.now()
      await server.kill()
      await untilUnknown(caller)
      note(`${since(begin)}: gyre's own expiry`)
      await serve(network, 'Go → Node', port)
      await caller.waitFor(service)
      assert.equal((await caller.call('GET', url)).status, 200)
    },
  },
  {
    name: 'client closes: noticed',
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
    name: 'client killed -9: noticed',
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
    name: passing,
    direction,
    async run(network: Network) {
      const { server: stays, caller: first, port } = await meet(network, direction)
      assert.equal((await first.call('GET', url)).status, 200)
      await first.client.tell('close')
      const second = await meetCaller(network, direction, port)
      assert.equal((await second.call('GET', url)).status, 200)
      await second.client.kill()
      const third = await meetCaller(network, direction, port)
      assert.equal((await third.call('GET', url)).status, 200)
      assert.ok(stays.running)
    },
  })),
  ...(['Go → Node', 'Node → Go'] as const).map((direction) => ({
    name: turns,
    direction,
    async run(network: Network) {
      const { server, caller, port } = await meet(network, direction)
      if (direction === 'Go → Node') await network.goService(port, service, 'stays')
      else await network.nodeService(port, service, 'handler', 'stays')
      await alternates(caller)
      await server.kill()
      await untilOnly(caller, 'stays')
    },
  })),
]

/** A service in the one language, and a caller in the other that has found it. */
async function meet(
  network: Network,
  direction: Direction,
): Promise<{ server: LineProcess; caller: Caller; port: string }> {
  const port = freshPort()
  const [server, caller] = await Promise.all([
    serve(network, direction, port),
    meetCaller(network, direction, port),
  ])
  return { server, caller, port }
}

async function meetCaller(network: Network, direction: Direction, port: string): Promise<Caller> {
  const caller =
    direction === 'Go → Node'
      ? new Caller('Go', await network.goClient(port))
      : new Caller('Node do', await network.nodeClient(port))
  await caller.waitFor(service)
  return caller
}

function serve(network: Network, direction: Direction, port: string): Promise<LineProcess> {
  return direction === 'Go → Node' ? network.nodeService(port, service) : network.goService(port, service)
}

/** Calls until the caller knows both instances, then sees that they take turns. */
async function alternates(caller: Caller): Promise<void> {
  const met = new Set<string>()
  for (let call = 0; met.size < 2; call += 1) {
    assert.ok(call < 500, 'a second instance never answered')
    met.add(instance(await caller.call('GET', url)))
  }
  // A call whose answer Go's client missed was a turn too.
  const answered: string[] = []
  while (answered.length < 12) {
    const before = caller.repeated
    const reply = await caller.call('GET', url)
    answered.push(...Array<string>(caller.repeated - before).fill('missed'), instance(reply))
  }
  const takers = [0, 1].map((parity) => {
    return new Set(answered.filter((name, at) => at % 2 === parity && name !== 'missed'))
  })
  assert.deepEqual(
    takers.map((taker) => taker.size),
    [1, 1],
    answered.join(' '),
  )
  assert.notDeepEqual(takers[0], takers[1], answered.join(' '))
}

/** Calls until this instance has answered four times running. */
async function untilOnly(caller: Caller, name: string): Promise<void> {
  let running = 0
  for (let call = 0; running < 4; call += 1) {
    assert.ok(call < 500, `others than ${name} are still called`)
    const answered = await caller.callOnce('GET', url).then(instance, () => undefined)
    running = answered === name ? running + 1 : 0
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

function instance({ headers }: Reply): string {
  return headers['x-instance']?.[0] ?? ''
}

function since(begin: number): string {
  return `after ${Math.round(performance.now() - begin)} ms`
}

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import type { ZreNode } from '@sleuth/zre'
import { Nodes } from '../support/nodes.js'
import { RawPeer } from '../support/raw-peer.js'

interface Line {
  readonly fields: Record<string, unknown>
  readonly message: string
}

/** Short times: what takes 3 s and 10 s with the defaults takes one. */
const FAST = { evasive: 200, expired: 400 }

function logger() {
  const lines: Line[] = []
  const none = () => {}
  const warn = (fields: object, message: string) => lines.push({ fields: { ...fields }, message })
  return { lines, trace: none, debug: none, info: none, warn, error: none }
}

/** Beacons until a node counts something, and some times more. */
async function beaconUntil(node: ZreNode, reason: string, beacon: () => Promise<void>): Promise<void> {
  for (let more = 5, tries = 0; more > 0; tries++) {
    assert.ok(tries < 300, `${reason} was not counted`)
    await beacon()
    await new Promise((resolve) => setTimeout(resolve, 100))
    if (node.stats().dropped[reason] !== undefined) more--
  }
}

describe('a node that is heard', { timeout: 60_000, concurrency: true }, () => {
  it('and can not be connected to is counted, told of once and shown', async () => {
    await using nodes = await Nodes.open()
    const log = logger()
    const node = await nodes.add({ ...FAST, logger: log })
    await using raw = await RawPeer.open(node.endpoint)
    const free = await closedPort()
    await beaconUntil(node, 'unreachable', () => raw.beacon(nodes.port, free))
    const endpoint = `tcp://127.0.0.1:${free}`
    const [{ since, ...shown } = { since: 0 }, ...others] = node.sightings()
    assert.deepEqual(others, [])
    assert.deepEqual(shown, { id: raw.id, endpoint, reach: 'unreachable', peer: undefined })
    assert.ok(Math.abs(Date.now() - since) < 60_000)
    assert.equal(node.stats().dropped.unreachable, 1)
    assert.equal(log.lines.length, 1)
    assert.deepEqual([log.lines[0]?.fields.peer, log.lines[0]?.fields.endpoint], [raw.id, endpoint])
    assert.match(log.lines[0]?.message ?? '', /TCP/)
    assert.deepEqual(node.peers(), [])
  })

  it('and does not greet us is counted, told of once and shown', async () => {
    await using nodes = await Nodes.open()
    const log = logger()
    const node = await nodes.add({ ...FAST, logger: log })
    await using raw = await RawPeer.open(node.endpoint)
    await beaconUntil(node, 'unanswered', () => raw.beacon(nodes.port))
    assert.deepEqual(
      node.sightings().map(({ reach }) => reach),
      ['unanswered'],
    )
    assert.equal(log.lines.length, 1)
    assert.equal(log.lines[0]?.fields.own, node.endpoint)
  })

  it('and is met is shown with what it said', async () => {
    await using nodes = await Nodes.open()
    const [one, other] = await nodes.group(2, { headers: { k: 'v' } })
    const [seen] = one?.sightings() ?? []
    assert.deepEqual([seen?.id, seen?.reach], [other?.id, 'connected'])
    assert.equal(seen?.peer?.headers.get('k'), 'v')
  })
})

/** A TCP port that refuses connections. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

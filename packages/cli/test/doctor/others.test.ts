import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { groups } from '#src/doctor/checks/groups.js'
import { otherNetworks } from '#src/doctor/checks/other-networks.js'
import { packetSize } from '#src/doctor/checks/packet-size.js'
import { stalls } from '#src/doctor/checks/stalls.js'
import { turnedAway } from '#src/doctor/checks/turned-away.js'
import { versions } from '#src/doctor/checks/versions.js'
import { wires } from '#src/doctor/checks/wires.js'
import type { Context } from '#src/doctor/context.js'
import type { HeardNode } from '#src/doctor/heard.js'
import type { MeshPeer } from '#src/doctor/mesh.js'
import { announced, heard, keys, lines, mesh, network, peer, problem, settings, well } from './given.js'

const failed = async () => new Error('no network')

describe('the check other-networks', () => {
  const node = (given: Partial<HeardNode> = {}): HeardNode => ({
    id: 'A'.repeat(32),
    address: '10.0.0.8',
    inbox: 40_000,
    port: 5670,
    key: undefined,
    ...given,
  })
  const run = (nodes: HeardNode[], parts: Partial<Context> = {}) =>
    otherNetworks.run({
      settings: settings(),
      network,
      heard: heard({ nodes }),
      mesh: mesh([]),
      ...parts,
    } as Context)

  test('counts who beacons, without its own nodes', async () => {
    assert.deepEqual(well(await run([node()])), ['one other node beacons on UDP port 5670'])
    assert.match(
      well(await run([node()], { mesh: mesh([peer(), peer()]) })).join(),
      /2 nodes are known in all/,
    )
    const found = problem(await run([node({ id: 'OWN' })]))
    assert.match(found.text, /no other node is heard/)
    assert.match(found.remedy, /--pair/)
    assert.match(problem(await run([], { mesh: failed })).text, /none is known/)
  })

  test('warns of nodes on another port', async () => {
    const found = problem(await run([node(), node({ port: 5671, address: '10.0.0.9' })]))
    assert.match(found.text, /one node beacons on UDP port 5671, not on 5670 \(10\.0\.0\.9\)/)
    assert.match(found.remedy, /--port 5671/)
  })

  test('warns of nodes on another subnet', async () => {
    assert.match(
      problem(await run([node({ address: '192.168.1.9' })])).text,
      /outside the subnet of eth0.*192\.168\.1\.9/,
    )
  })

  test('warns of keys on one side', async () => {
    assert.match(
      problem(await run([node({ key: keys.publicKey })])).text,
      /has keys, and the doctor has none/,
    )
    const closed = { settings: settings({ keys }) }
    assert.match(problem(await run([node()], closed)).text, /has no keys, and this network has/)
    well(await run([node({ key: keys.publicKey })], closed))
  })

  test('warns of what is no beacon', async () => {
    const strangers = [
      { address: '10.0.0.9', port: 5670 },
      { address: '10.0.0.10', port: 5671 },
    ]
    const found = problem(await run([], { heard: heard({ nodes: [node()], strangers }) }))
    assert.match(found.text, /no beacons come to UDP port 5670, from 10\.0\.0\.9$/)
  })
})

describe('the check groups', () => {
  const run = (peers: MeshPeer[]) => groups.run({ settings: settings(), mesh: mesh(peers) } as Context)

  test('warns of nodes in another group', async () => {
    const blue = peer({ announced: announced({ groups: ['blue'] }) })
    const found = problem(await run([peer(), blue]))
    assert.match(found.text, /one node is in the group "blue", and not in "SLEUTH-v1": a-service at tcp:/)
    assert.match(found.remedy, /--group blue/)
  })

  test('gives no name to a shell that a peer made up', async () => {
    const evil = peer({ announced: announced({ groups: ["x'; rm -rf ~; '"] }) })
    assert.doesNotMatch(problem(await run([evil])).remedy, /rm -rf/)
  })

  test('says nothing of nodes in the group, in none, or not met', async () => {
    const none = peer({ announced: announced({ groups: [] }) })
    const far = peer({ reach: 'unreachable', announced: announced({ groups: ['blue'] }) })
    assert.deepEqual(await run([peer(), none, far]), [])
    assert.deepEqual(await groups.run({ settings: settings(), mesh: failed } as never), [])
  })
})

describe('the check packet-size', () => {
  const run = (peers: MeshPeer[], arriving: MeshPeer[]) =>
    packetSize.run({
      mesh: mesh(peers, { answeringAfter: async () => new Set(arriving.map(({ id }) => id)) }),
    } as Context)

  test('fails for a peer that gets small messages alone', async () => {
    const [a, b] = [peer(), peer()]
    assert.match(
      problem(await run([a, b], [a])).text,
      new RegExp(`${b.endpoint}: small messages arrive, and 64 KiB do not`),
    )
    assert.deepEqual(well(await run([a, b], [a, b])), ['64 KiB at once reach 2 nodes'])
  })

  test('does not ask who does not answer at all', async () => {
    assert.deepEqual(
      await run([peer({ roundTrips: [Number.POSITIVE_INFINITY] }), peer({ reach: 'connecting' })], []),
      [],
    )
    assert.deepEqual(await packetSize.run({ mesh: failed } as never), [])
  })
})

describe('the check stalls', () => {
  const run = (...roundTrips: number[][]) =>
    stalls.run({ mesh: mesh(roundTrips.map((times) => peer({ roundTrips: times }))) } as Context)

  test('warns of a peer that answers late at times, and not of a network that is slow', async () => {
    assert.match(problem(await run([1, 350, 120, 2], [1, 350, 2])).text, /answers take from 1\.0 to 350 ms/)
    assert.deepEqual(well(await run([220, 230], [1, 2])), ['2 nodes answer at once, in 1.0 to 220.0 ms'])
  })

  test('warns of a peer that does not answer', async () => {
    assert.match(problem(await run([1, Number.POSITIVE_INFINITY])).text, /does not answer within 2 s/)
    assert.deepEqual(await run([]), [])
  })
})

describe('the check turned-away', () => {
  const run = (dropped: Record<string, number>) => turnedAway.run({ mesh: mesh([], { dropped }) } as Context)

  test('puts what was thrown away into words', async () => {
    assert.match(problem(await run({ 'hello-endpoint': 3, 'beacon-size': 9 })).remedy, /SLEUTH_NETWORKS/)
    assert.match(problem(await run({ 'key-refused': 1 })).remedy, /allow list/)
    assert.match(
      problem(await run({ 'endpoint-taken': 1 })).text,
      /two nodes say that they are at one endpoint/,
    )
    assert.deepEqual(await run({ 'hello-endpoint': 0 }), [])
    assert.deepEqual(await turnedAway.run({ mesh: failed } as never), [])
  })

  test('knows the reasons that the library counts by', async () => {
    const api = await readFile(new URL('../../../../../docs/api.md', import.meta.url), 'utf8')
    for (const reason of [
      'hello-endpoint',
      'key-refused',
      'unproven',
      'endpoint-taken',
      'greeting-limit',
      'peer-limit',
      'handshake',
    ]) {
      problem(await run({ [reason]: 1 }))
      assert.ok(api.includes(`\`${reason}\``), reason)
    }
  })
})

describe('the check versions', () => {
  const run = (...instances: [service: string, version: string][]) =>
    versions.run({
      settings: settings(),
      mesh: mesh(instances.map(([service, version]) => peer({ announced: announced({ service, version }) }))),
    } as Context)

  test('warns when instances of a service differ', async () => {
    assert.equal(
      problem(await run(['a', '1'], ['a', '2'], ['a', '2'], ['b', '3'])).text,
      'a has instances of different versions: 1 (1), 2 (2)',
    )
    well(await run(['a', '1'], ['b', '2']))
    assert.deepEqual(await run(), [])
  })
})

describe('the check wires', () => {
  const run = (...instances: Parameters<typeof announced>[0][]) =>
    wires.run({
      settings: settings(),
      mesh: mesh(instances.map((given) => peer({ announced: announced(given) }))),
    } as Context)

  test('warns of Node on wire 1, and says what Go can not do', async () => {
    const found = await run({ wire: 1 }, { wire: 1, isGo: true, service: 'go-service' }, {})
    assert.match(problem(found).text, /Node speaks wire 1 alone in a-service at tcp:/)
    assert.match(
      lines(found).join('\n'),
      /ok: one instance of sleuth for Go \(go-service\): bodies .* travel whole/,
    )
    assert.deepEqual(await run({}), [])
  })
})

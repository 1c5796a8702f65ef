import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { createNode, generateKeys } from '@sleuth/zre'
import type { Seed } from '@sleuth/zre/diagnostics'
import { peers } from '#src/doctor/checks/peers.js'
import { seeds } from '#src/doctor/checks/seeds.js'
import type { Context } from '#src/doctor/context.js'
import { whyUnreachable } from '#src/doctor/endpoint.js'
import type { MeshPeer } from '#src/doctor/mesh.js'
import { realProbes } from '#src/doctor/probes.js'
import { greet } from '#src/doctor/tcp.js'
import {
  announced,
  askBack,
  heard,
  keys,
  lines,
  mesh,
  network,
  peer,
  probes,
  problem,
  settings,
  well,
} from './given.js'

/** A TCP server of another kind. */
async function serving(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    endpoint: `tcp://127.0.0.1:${port}`,
    [Symbol.dispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Short, for those that never answer. */
const quick = {
  greet: (endpoint: string) => greet({ address: '127.0.0.1', port: Number(endpoint.split(':').pop()) }, 300),
}

describe('why an endpoint can not be reached', () => {
  const why = (endpoint: string, haveKeys = false, probing: Parameters<typeof whyUnreachable>[3] = quick) =>
    whyUnreachable('a peer', endpoint, haveKeys, probing)

  test('nobody listens', async () => {
    const { status, text, remedy = '' } = await why('tcp://127.0.0.1:1')
    assert.equal(status, 'fail')
    assert.match(text, /nobody listens there \(ECONNREFUSED\)/)
    assert.match(remedy, /stale/)
  })

  test('another program is there, which says something else, or hangs up', async () => {
    using web = await serving((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
    using closing = await serving((socket) => socket.end())
    for (const { endpoint } of [web, closing])
      assert.match((await why(endpoint)).text, /another program answers/)
  })

  test('nobody says anything', async () => {
    using silent = await serving(() => {})
    assert.match((await why(silent.endpoint)).text, /TCP connects, and nothing answers/)
  })

  test('the other has keys, or has none, or does not let ours in', async () => {
    const closed = await createNode({
      interface: 'loopback',
      discovery: [],
      security: { ...generateKeys(), allow: [] },
    })
    const open = await createNode({ interface: 'loopback', discovery: [] })
    try {
      assert.match((await why(closed.endpoint, false)).text, /it has keys, and the doctor has none/)
      assert.match((await why(open.endpoint, true)).text, /it has no keys, and this network has/)
      assert.match((await why(closed.endpoint, true)).text, /does not let our key in/)
      assert.match((await why(open.endpoint, false)).text, /handshake of ZeroMQ does not end/)
    } finally {
      await Promise.all([closed.close(), open.close()])
    }
  })

  test('a firewall drops or rejects, or there is no way', async () => {
    const given = (result: Awaited<ReturnType<typeof greet>>) =>
      why('tcp://10.9.9.9:1', false, { greet: async () => result })
    assert.match((await given({ type: 'timeout' })).remedy ?? '', /firewall drops it/)
    assert.match((await given({ type: 'failed', code: 'EHOSTUNREACH' })).text, /no way to that address/)
    assert.match((await given({ type: 'failed', code: 'EPERM' })).text, /may not connect there/)
    assert.match((await given({ type: 'failed', code: 'EMFILE' })).text, /EMFILE/)
  })
})

describe('the check peers', () => {
  const run = (list: MeshPeer[], parts: Partial<Context> = {}) =>
    peers.run({
      settings: settings(),
      probes: probes(),
      mesh: mesh(list),
      heard: heard(),
      askBack,
      ...parts,
    } as Context)
  const failing = { shakeHands: async () => false, greet: async () => ({ type: 'timeout' }) as const }

  test('counts those that can be reached both ways', async () => {
    assert.deepEqual(well(await run([peer(), peer()])), [
      '2 nodes can be reached, and can reach this machine',
    ])
    assert.deepEqual(await run([]), [])
  })

  test('fails when no node can join, with the reason', async () => {
    const found = problem(await run([], { mesh: async () => new Error('UDP port 5670 is taken') }))
    assert.match(found.text, /no node can join the network: UDP port 5670 is taken/)
  })

  test('fails for one that can not be reached', async () => {
    for (const reach of ['unreachable', 'connecting'] as const) {
      const found = problem(await run([peer({ reach })], { probes: probes(failing) }))
      assert.deepEqual([found.status, /gets no answer/.test(found.text)], ['fail', true])
    }
  })

  test('fails for one that can be reached, and can not reach us', async () => {
    assert.match(problem(await run([peer({ reach: 'unanswered' })])).remedy, /Let TCP in on this machine/)
  })

  test('fails when another node is there', async () => {
    const other = probes({ identify: async () => 'B'.repeat(32) })
    assert.match(
      problem(await run([peer({ reach: 'unanswered' })], { probes: other })).text,
      /another node is there now/,
    )
  })

  test('fails for one that does not let our key in', async () => {
    assert.match(problem(await run([peer({ reach: 'refused' })])).remedy, /allow list/)
  })

  test('warns when one way is closed, with the reason that the peer gives', async () => {
    const ours = peer({ announced: announced({ connections: 'ours' }) })
    assert.match(
      problem(await run([ours])).text,
      /it can't connect to this machine, and answers on our connection/,
    )
    const asked = (why: string) => run([ours], { askBack: async () => why })
    assert.match(problem(await asked('the connection was refused')).remedy, /advertise/)
    assert.match(problem(await asked('the handshake failed')).remedy, /keys/)
    assert.match(problem(await asked('no answer in time')).text, /\(no answer in time\)/)
    well(
      await run([ours], {
        settings: settings({ discovery: { ...settings().discovery, advertise: false } as never }),
      }),
    )
    const theirs = peer({ announced: announced({ connections: 'theirs' }) })
    assert.match(problem(await run([theirs])).text, /this machine can't connect to it/)
  })

  test('tries no more at a time than there are sockets for', async () => {
    let running = 0
    let most = 0
    const shakeHands = async () => {
      most = Math.max(most, ++running)
      await new Promise((done) => setImmediate(done))
      running--
      return true
    }
    const list = Array.from({ length: 200 }, () => peer({ reach: 'unanswered' }))
    const found = await run(list, { probes: probes({ shakeHands }) })
    assert.deepEqual([found.length, most], [6, 32])
    assert.equal(found.at(-1)?.text, '195 more nodes have the same problem')
  })

  test('tries with the key that was heard', async () => {
    const tried: unknown[] = []
    const shakeHands = async (_: string, key: string | undefined) => tried.push(key) === 0
    const far = peer({ reach: 'unreachable' })
    const nodes = [{ id: far.id, address: '', inbox: 1, port: 5670, key: keys.publicKey }]
    await run([far], { probes: probes({ shakeHands }), heard: heard({ nodes }) })
    assert.deepEqual(tried, [keys.publicKey])
  })
})

describe('the check seeds', () => {
  const run = (list: string[], parts: Partial<Context> = {}) =>
    seeds.run({ settings: settings({ seeds: list }), network, probes: probes(), ...parts } as Context)
  const resolving =
    (...addresses: string[]) =>
    async (seed: Exclude<Seed, { kind: 'file' }>) =>
      addresses.map((address) => ({ address, endpoint: `tcp://${address}:5670`, key: seed.key }))

  test('finds a node for real, and says nothing without seeds', async () => {
    const node = await createNode({ interface: 'loopback', discovery: [] })
    const real = realProbes(undefined)
    try {
      assert.match(
        well(await run([node.endpoint], { probes: real })).join(),
        /leads to one node that answers/,
      )
      assert.match(problem(await run(['tcp://127.0.0.1:1'], { probes: real })).text, /ECONNREFUSED/)
    } finally {
      real.close()
      await node.close()
    }
    assert.deepEqual(await run([]), [])
  })

  test('fails for a name that is unknown, and for one that can not be looked up', async () => {
    assert.match(
      problem(await run(['dns://nobody:5670'])).text,
      /seed dns:\/\/nobody:5670: there is no such name/,
    )
    const failing = probes({ resolve: () => Promise.reject(new Error('EAI_AGAIN')) })
    assert.match(
      problem(await run(['dns://slow:5670'], { probes: failing })).text,
      /can't be looked up: EAI_AGAIN/,
    )
  })

  test('warns of addresses that do not answer, if one does, and passes over our own', async () => {
    const shakeHands = async (endpoint: string) => endpoint === 'tcp://10.0.0.8:5670'
    const some = (...addresses: string[]) =>
      run(['dns://api:5670'], {
        probes: probes({
          shakeHands,
          resolve: resolving(...addresses),
          greet: async () => ({ type: 'timeout' }),
        }),
      })
    assert.equal(problem(await some('10.0.0.8', '10.0.0.9')).status, 'warn')
    assert.equal(problem(await some('10.0.0.9')).status, 'fail')
    well(await some('10.0.0.8', '10.0.0.7'))
  })

  test('shows no key', async () => {
    const closed = settings({ keys, seeds: [`tcp://10.0.0.8:5670#${keys.publicKey}`] })
    assert.match(
      problem(await run([], { settings: closed })).text,
      /^seed tcp:\/\/10\.0\.0\.8:5670: there is no such name$/,
    )
  })

  test('reads files, and fails for what is wrong in them', async () => {
    assert.match(problem(await run(['file:///nowhere/seeds'])).text, /can't be read/)
    const file = new URL('./seeds.txt', import.meta.url)
    const { writeFile, rm } = await import('node:fs/promises')
    await writeFile(file, '# none\n')
    assert.match(problem(await run([file.href])).text, /has no seeds/)
    await writeFile(file, 'tcp://10.0.0.8:5670\nnonsense\n')
    const found = lines(await run([file.href], { probes: probes({ resolve: resolving('10.0.0.8') }) }))
    assert.match(found.join('\n'), /fail: .*line 2 must be[\s\S]*ok: seed tcp:\/\/10\.0\.0\.8:5670 leads to/)
    await rm(file)
  })
})

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import { createNode } from '@sleuth/zre'
import { checkDiscovery } from '@sleuth/zre/diagnostics'
import { listen } from '#src/doctor/checks/listen.js'
import { udpPort } from '#src/doctor/checks/udp-port.js'
import type { Context } from '#src/doctor/context.js'
import { type Probes, realProbes } from '#src/doctor/probes.js'
import { realSystem } from '#src/doctor/system.js'
import { loopback, probes, problem, settings, system, well } from './given.js'

const port = 23_121

/** A program that has the port. `reuseAddr`: as a node has it. */
async function taken(reuseAddr: boolean) {
  const socket = createSocket({ type: 'udp4', reuseAddr })
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  return {
    [Symbol.asyncDispose]: async () => void (await new Promise((done) => socket.close(() => done(0)))),
  }
}

const failing = (code: string) => async () => Object.assign(new Error(`bind ${code}`), { code })

describe('the check listen', () => {
  const given = (env: Record<string, string>, probing: Partial<Probes> = {}) =>
    listen.run({
      settings: settings({ discovery: checkDiscovery({}, env) }),
      network: loopback,
      probes: { ...realProbes(undefined), ...probing },
    } as Context)

  test('finds the port free, or a node there, or another program', async () => {
    const env = { SLEUTH_LISTEN: '23125' }
    assert.deepEqual(await given({}), [])
    assert.match(well(await given(env)).join(), /TCP port 23125 of 127\.0\.0\.1 is free/)
    const node = await createNode({ interface: 'loopback', discovery: [], listen: { port: 23_125 } })
    assert.match(well(await given(env)).join(), /a node listens at TCP port 23125/)
    assert.match(well(await given({ SLEUTH_ADVERTISE: node.endpoint })).join(), /a node answers at tcp:/)
    await node.close()
    const server = createServer((socket) => socket.end('220 hello')).listen(23_127, '127.0.0.1')
    await once(server, 'listening')
    assert.match(problem(await given({ SLEUTH_LISTEN: '23127' })).text, /taken by another program/)
    server.close()
  })

  test('fails for an address of another machine, and warns when nobody answers where others are told', async () => {
    assert.equal(problem(await given({ SLEUTH_LISTEN: '203.0.113.7:23125' })).status, 'fail')
    const silent = { greet: async () => ({ type: 'timeout' }) as const }
    const found = problem(await given({ SLEUTH_ADVERTISE: 'tcp://203.0.113.7:5670' }, silent))
    assert.deepEqual([found.status, /nobody answers at tcp:\/\/203/.test(found.text)], ['warn', true])
    assert.deepEqual(await given({ SLEUTH_ADVERTISE: 'none' }), [])
  })
})

describe('the check udp-port', () => {
  const real = {
    system: realSystem({}),
    settings: settings({ port }),
    probes: realProbes(undefined),
  } as Context
  const run = (code: string, given: Parameters<typeof system>[0] = {}) =>
    udpPort.run({
      system: system(given),
      settings: settings(),
      probes: probes({ bindUdp: failing(code) }),
    } as Context)

  test('binds it, also beside a node', async () => {
    well(await udpPort.run(real))
    await using _ = await taken(true)
    well(await udpPort.run(real))
  })

  test('fails when another program has it', async () => {
    await using _ = await taken(false)
    const { status, text } = problem(await udpPort.run(real))
    assert.equal(status, 'fail')
    assert.match(text, /UDP port 23121 is taken/)
  })

  test('names who has it, by ss, by lsof, or tells how to find out', async () => {
    const ss = 'UNCONN 0 0 0.0.0.0:5670 0.0.0.0:* users:(("nginx",pid=12,fd=20),("nginx",pid=13,fd=20))\n'
    assert.match(
      problem(await run('EADDRINUSE', { programs: { 'ss -H -l -u -n -p': ss } })).text,
      /taken by nginx \(process 12\), nginx \(process 13\)/,
    )
    const lsof = 'p12\ncavahi\nf3\n'
    assert.match(
      problem(await run('EADDRINUSE', { platform: 'darwin', programs: { 'lsof -nP -iUDP:5670': lsof } }))
        .text,
      /avahi \(process 12\)/,
    )
    assert.match(problem(await run('EADDRINUSE')).remedy, /sudo ss -lunp/)
    assert.match(problem(await run('EADDRINUSE', { platform: 'darwin' })).remedy, /sudo lsof/)
    assert.match(
      problem(await run('EADDRINUSE', { platform: 'win32' })).remedy,
      /Get-NetUDPEndpoint -LocalPort 5670/,
    )
  })

  test('fails for a port of root, and for other errors', async () => {
    assert.match(problem(await run('EACCES')).remedy, /above 1023/)
    assert.match(problem(await run('EMFILE')).text, /bind EMFILE/)
  })

  test('names nodes that share the port', async () => {
    const ss = 'users:(("node",pid=12,fd=20))'
    const given = { system: system({ programs: { ss } }), settings: settings(), probes: probes() } as Context
    assert.match(well(await udpPort.run(given)).join(), /shared with node \(process 12\)/)
  })
})

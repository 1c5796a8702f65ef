import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LineProcess } from './line-process.js'
import { skipFor } from './missing.js'
import { createPair, type Host, hostsMissing, type Pair } from './namespaces.js'

const port = String(20_000 + (process.pid % 10_000))
const peerProgram = fileURLToPath(new URL('./node-peer.js', import.meta.url))
const serviceProgram = fileURLToPath(new URL('../interop/node/service.js', import.meta.url))
const clientProgram = fileURLToPath(new URL('../interop/node/client.js', import.meta.url))

const newAddress = '10.77.0.9'

describe('the interface of a node', { skip: skipFor(await hostsMissing()) }, () => {
  let pair: Pair
  let a: Host
  let b: Host
  const started: LineProcess[] = []

  /** Starts a program that is told of no interface. */
  const startOn = (host: Host, program: string, ...args: string[]): LineProcess => {
    const command = host.command([process.execPath, program, '--port', port, ...args])
    const child = new LineProcess(command, { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '' })
    started.push(child)
    return child
  }

  beforeEach(async () => {
    pair = await createPair()
    ;[a, b] = pair.hosts
  })
  afterEach(async () => {
    for (const child of started.splice(0)) await child.kill()
    await pair.delete()
  })

  describe('chosen automatically', () => {
    test('is the one that can broadcast, and nodes on two hosts find each other by it', async () => {
      const one = startOn(a, peerProgram)
      const other = startOn(b, peerProgram)
      const [first, second] = [await one.news('ready'), await other.news('ready')]
      assert.equal(addressOf(first['endpoint']), a.address)
      assert.equal(addressOf(second['endpoint']), b.address)
      assert.equal((await one.news('enter'))['peer'], second['peer'])
      assert.equal((await other.news('enter'))['peer'], first['peer'])
    })

    test('is loopback on a host whose only device has no address', async () => {
      await a.deleteAddress(a.address)
      const alone = startOn(a, peerProgram)
      assert.equal(addressOf((await alone.news('ready'))['endpoint']), '127.0.0.1')
    })
  })

  describe('that comes and goes under two nodes', () => {
    let moving: LineProcess
    let staying: LineProcess
    let movingId: unknown
    let stayingId: unknown

    beforeEach(async () => {
      moving = startOn(a, peerProgram, '--expired', '1500')
      staying = startOn(b, peerProgram, '--expired', '1500')
      movingId = (await moving.news('ready'))['peer']
      stayingId = (await staying.news('ready'))['peer']
      await Promise.all([moving.news('enter'), staying.news('enter')])
    })

    /** The node that stayed found the other again, at this address, and messages go both ways. */
    async function foundAt(address: string): Promise<void> {
      const found = await staying.news('enter')
      assert.equal(addressOf(found['endpoint']), address)
      assert.equal(addressOf((await moving.tell('endpoint'))['endpoint']), address)
      await staying.tell('whisper', { peer: found['peer'], content: 'there' })
      assert.equal((await moving.news('whisper'))['content'], 'there')
      await moving.tell('whisper', { peer: stayingId, content: 'and back' })
      assert.equal((await staying.news('whisper'))['content'], 'and back')
    }

    test('a link that goes down and up', async () => {
      await a.link('down')
      assert.equal((await staying.news('exit'))['peer'], movingId)
      assert.equal((await moving.news('exit'))['peer'], stayingId)
      await a.link('up')
      await foundAt(a.address)
    })

    test('an address that is taken away and given back', async () => {
      await a.deleteAddress(a.address)
      assert.equal((await staying.news('exit'))['peer'], movingId)
      await a.addAddress(a.address)
      await foundAt(a.address)
    })

    test('an address that is taken away, and another given after a while', async () => {
      await a.deleteAddress(a.address)
      assert.equal((await staying.news('exit'))['peer'], movingId)
      await a.addAddress(newAddress)
      await foundAt(newAddress)
    })

    test('an address that is changed at once', async () => {
      await a.deleteAddress(a.address)
      await a.addAddress(newAddress)
      await staying.news('exit')
      await foundAt(newAddress)
    })
  })

  describe('that comes and goes under a service and its caller', () => {
    const ask = { method: 'GET', url: 'sleuth://counted/echo', headers: [] }

    for (const [what, away, back] of [
      ['a link that goes down and up', (host) => host.link('down'), (host) => host.link('up')],
      [
        'an address that is taken away and given back',
        (host) => host.deleteAddress(host.address),
        (host) => host.addAddress(host.address),
      ],
      [
        'an address that is taken away, and another given',
        (host) => host.deleteAddress(host.address),
        (host) => host.addAddress(newAddress),
      ],
    ] satisfies [string, (host: Host) => Promise<void>, (host: Host) => Promise<void>][]) {
      test(what, async () => {
        const service = startOn(a, serviceProgram, '--service', 'counted')
        const client = startOn(b, clientProgram, '--timeout', '2000')
        await Promise.all([service.news('ready'), client.news('ready')])
        await client.tell('waitFor', { services: ['counted'] })
        assert.equal((await client.tell('do', ask))['status'], 200)
        await client.news('up')
        await away(a)
        await client.news('down')
        assert.deepEqual((await client.ask('do', ask))['codes'], [919])
        await back(a)
        await client.news('up')
        assert.equal((await client.tell('do', ask))['status'], 200)
        assert.ok(service.running)
      })
    }
  })
})

function addressOf(endpoint: unknown): string {
  return new URL(String(endpoint)).hostname
}

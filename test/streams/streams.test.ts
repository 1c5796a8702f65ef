import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createSleuth, type Sleuth } from '@sleuth/core'
import { freePort } from '../hosts/port.js'
import { watchMemory } from './memory.js'
import { check, chunk } from './pattern.js'
import { Child } from './process.js'

const MIB = 256
/** MiB that a process may grow while that much goes through it. */
const MOST = 96
const port = await freePort()

describe('a large body between two processes', () => {
  let service: Child
  let sleuth: Sleuth

  before(async () => {
    service = new Child('service.js', port)
    sleuth = await createSleuth({ interface: 'loopback', port, timeout: 10_000 })
    await sleuth.waitFor('streams')
  })

  after(async () => {
    await sleuth.close()
    await service.kill()
  })

  test('comes down whole, and is never in memory at either end', async () => {
    const grown = watchMemory()
    const response = await sleuth.do(`sleuth://streams/down?mib=${MIB}`)
    let bytes = 0
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) bytes = check(part, bytes)
    assert.equal(bytes, Math.ceil((MIB * 2 ** 20) / chunk.length) * chunk.length)
    const most = { here: grown(), there: (await service.told('grown')) as number }
    assert.ok(most.here < MOST && most.there < MOST, JSON.stringify(most))
  })

  test('goes up whole, and is never in memory at either end', async () => {
    const grown = watchMemory()
    const body = function* () {
      for (let at = 0; at < MIB * 2 ** 20; at += chunk.length) yield chunk
    }
    const response = await sleuth.request('sleuth://streams/up', { method: 'POST', body: body() })
    const there = JSON.parse(response.body.toString()) as { bytes: number; grown: number }
    assert.equal(there.bytes, Math.ceil((MIB * 2 ** 20) / chunk.length) * chunk.length)
    const most = { here: grown(), there: there.grown }
    assert.ok(most.here < MOST && most.there < MOST, JSON.stringify(most))
  })

  test('ends with the caller: the service sees it hang up', async () => {
    const reader = new Child('reader.js', port)
    await reader.told('reading')
    await reader.kill()
    await service.told('aborted')
    assert.equal(await service.told('closed'), false)
  })

  test('ends with the service: its reader gets a coded error, after what came before', async () => {
    const { body } = await sleuth.do('sleuth://streams/endless')
    let bytes = 0
    const read = async () => {
      for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
        bytes = check(part, bytes)
        if (bytes > 2 ** 20) await service.kill()
      }
    }
    await assert.rejects(read(), { name: 'SleuthError', code: 'SLEUTH_PEER_GONE' })
    assert.ok(bytes > 2 ** 20)
  })
})

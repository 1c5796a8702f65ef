import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SleuthOptions } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join } from '../harness.js'

const handler = ((_: unknown, res: { end(): void }) => res.end()) as never

/** A client, and services that come when a test says so. All are closed when it ends. */
async function network(t: { after(run: () => Promise<void>): void }) {
  const fake = new FakeNetwork()
  const ends = [await join(fake)]
  t.after(async () => {
    for (const { sleuth } of ends) await sleuth.close()
  })
  const { sleuth } = ends[0] as (typeof ends)[0]
  const comes = async (options: SleuthOptions) => void ends.push(await join(fake, { handler, ...options }))
  return { sleuth, comes }
}

/** Whether it is settled once all has been delivered that is on its way. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false
  promise.then(
    () => (settled = true),
    () => (settled = true),
  )
  await new Promise((resolve) => setTimeout(resolve, 150))
  return settled
}

describe('waitFor', () => {
  it('waits for a version', async (t) => {
    const { sleuth, comes } = await network(t)
    await comes({ service: 'users', version: '1.9.0' })
    await sleuth.waitFor('users')
    const second = sleuth.waitFor({ service: 'users', version: '^2' })
    assert.equal(await isSettled(second), false)
    await comes({ service: 'users', version: '2.0.1' })
    await second
    await sleuth.waitFor(['users', { service: 'users', version: '2.x' }])
  })

  it('waits for labels, or for what a function says', async (t) => {
    const { sleuth, comes } = await network(t)
    const labels = sleuth.waitFor({ service: 'users', where: { zone: 'a' } })
    const own = sleuth.waitFor({ service: 'users', where: ({ meta }) => meta.zone === 'a' })
    await comes({ service: 'users', meta: { zone: 'b' } })
    await sleuth.waitFor('users')
    assert.deepEqual(await Promise.all([isSettled(labels), isSettled(own)]), [false, false])
    await comes({ service: 'users', meta: { zone: 'a' } })
    await Promise.all([labels, own])
  })

  it('says what is missing', async (t) => {
    const { sleuth, comes } = await network(t)
    await comes({ service: 'users', version: '1.0.0' })
    const required = ['users', 'carts', { service: 'users', version: '^2', where: { zone: 'a' } }]
    await assert.rejects(sleuth.waitFor(required, 50), {
      code: 'SLEUTH_TIMEOUT',
      message: /missing: carts, users \(version \^2, zone=a\);/,
    })
  })

  it('rejects with what a function throws, at once or later', async (t) => {
    const { sleuth, comes } = await network(t)
    const where = () => {
      throw new Error('oops')
    }
    const later = assert.rejects(sleuth.waitFor({ service: 'users', where }), { message: 'oops' })
    await comes({ service: 'users' })
    await later
    await assert.rejects(sleuth.waitFor({ service: 'users', where }, 5000), { message: 'oops' })
    const promised = (async () => true) as never
    await assert.rejects(sleuth.waitFor({ service: 'users', where: promised }), { code: 'SLEUTH_ARGUMENT' })
  })

  it('refuses what names no service, no range and no label', async (t) => {
    const { sleuth } = await network(t)
    const wrong = [
      {},
      null,
      7,
      [['users']],
      { service: '' },
      { service: 'users', verison: '^2' },
      { service: 'users', version: 'newest' },
      { service: 'users', where: { zone: 1 } },
    ]
    for (const services of wrong)
      await assert.rejects(sleuth.waitFor(services as never, 50), { code: 'SLEUTH_ARGUMENT' })
  })

  it('of the client of a service is for what its calls may go to', async (t) => {
    const { sleuth, comes } = await network(t)
    await comes({ service: 'users', version: '1.0.0' })
    await sleuth.service('users').waitFor(5000)
    const waiting = sleuth.service('users', { version: '^2' }).waitFor()
    assert.equal(await isSettled(waiting), false)
    await comes({ service: 'users', version: '2.0.0' })
    await waiting
  })
})

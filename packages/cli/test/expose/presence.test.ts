import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Sleuth } from '@sleuth/core'
import { Presence } from '#src/expose/presence.js'

/** A network whose joins and leaves end when the test says so. */
function network() {
  const said: string[] = []
  const steps: (() => void)[] = []
  const step = (what: string) => {
    said.push(what)
    return new Promise<void>((resolve) => steps.push(resolve))
  }
  const join = async () => {
    await step('join')
    return { close: () => step('close') } as Sleuth
  }
  const presence = new Presence(join, (isIn) => said.push(isIn ? 'in' : 'out'))
  const next = async () => {
    steps.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { presence, said, next }
}

describe('the presence of a server', () => {
  it('changes one after the other', async () => {
    const { presence, said, next } = network()
    const joined = presence.set(true)
    await next()
    await joined
    await presence.set(true)
    const left = presence.set(false)
    await next()
    await left
    assert.deepEqual(said, ['join', 'in', 'close', 'out'])
  })

  it('is what was wanted last', async () => {
    const { presence, said, next } = network()
    const joining = presence.set(true)
    presence.set(false)
    presence.set(true)
    presence.set(false)
    await next()
    await next()
    await joining
    assert.deepEqual(said, ['join', 'in', 'close', 'out'])
  })

  it('ends for good, also while it joins', async () => {
    const { presence, said, next } = network()
    presence.set(true)
    const closed = presence.close()
    void presence.set(true)
    await next()
    await next()
    await closed
    await presence.set(true)
    assert.deepEqual(said, ['join', 'in', 'close', 'out'])
  })

  it('may begin again after a join that failed', async () => {
    let tries = 0
    const join = async () => {
      if (tries++ === 0) throw new Error('no network')
      return { close: async () => {} } as Sleuth
    }
    const presence = new Presence(join, () => {})
    await assert.rejects(presence.set(true), /no network/)
    assert.equal(presence.hasJoined, false)
    await presence.set(true)
    assert.deepEqual([tries, presence.hasJoined], [2, true])
  })
})

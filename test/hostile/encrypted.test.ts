import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { generateKeys, type KeyPair as Keys } from '@sleuth/core'
import { directFrames } from './attacks/direct-frames.js'
import { encryptedPort } from './attacks/encrypted-port.js'
import { encryptedRecords } from './attacks/encrypted-records.js'
import { thieves } from './attacks/thieves.js'
import { type Outcome, Scene, until } from './scene.js'
import { tableOf } from './table.js'

const MiB = 1024 * 1024
/** MiB that an attack may cost at any moment. */
const MOST_GROWTH = 60
/** File descriptors that links take and give back meanwhile. Attacks take ten and more. */
const OTHERS = 5

const [target, friend, insider, thief] = Array.from({ length: 4 }, generateKeys) as [Keys, Keys, Keys, Keys]
const allow = [target, friend, insider, thief].map(({ publicKey }) => publicKey)

describe('a node whose encrypted direct connections are attacked', { timeout: 480_000 }, () => {
  const outcomes: Outcome[] = []
  let scene: Scene

  before(async () => {
    scene = await Scene.open({
      target: { limits: { buffered: 4 * MiB, streams: 50 }, security: { ...target, allow } },
      good: { security: { ...friend, allow } },
      insider: { ...insider, allow, proof: true },
    })
  })

  after(async () => {
    await scene?.close()
    console.log(`\n${tableOf(outcomes)}\n`)
  })

  for (const attack of [
    ...encryptedPort,
    ...encryptedRecords,
    ...directFrames,
    ...thieves({ target: target.publicKey, ...thief }),
  ]) {
    it(attack.name, async () => {
      const before = await scene.descriptors()
      const outcome = await scene.suffer(attack)
      outcomes.push(outcome)
      assert.ok(outcome.peak < MOST_GROWTH, `${outcome.peak} MiB`)
      await until(
        async () => (await scene.descriptors()) <= before + OTHERS,
        () => 'file descriptors',
      )
    })
  }

  it('has not filled its log', async () => {
    const { lines, seconds } = await scene.logged()
    assert.ok(lines <= MOST_LINES * seconds, `${lines} lines in ${seconds} seconds`)
  })
})

/** In a second: at most six of each kind, of which an attack causes a few. */
const MOST_LINES = 30

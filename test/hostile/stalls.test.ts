import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { stalls } from './attacks/stalls.js'
import { type Outcome, Scene } from './scene.js'
import { tableOf } from './table.js'

const MiB = 1024 * 1024
/** MiB that an attack may cost at any moment: the limit below, a large message that is decoded, and what Node takes for a while. */
const MOST_GROWTH = 250
/** Milliseconds. The aim is 50; a busy machine may stand still for longer by itself. */
const MOST_STALL = 1000

describe('a node that is sent what takes long to handle, or much to keep', { timeout: 280_000 }, () => {
  const outcomes: Outcome[] = []
  let scene: Scene

  before(async () => {
    scene = await Scene.open({ target: { limits: { buffered: 32 * MiB, streams: 1200 } } })
  })

  after(async () => {
    await scene.close()
    console.log(`\n${tableOf(outcomes)}\n`)
  })

  for (const attack of stalls) {
    it(attack.name, async () => {
      const outcome = await scene.suffer(attack)
      outcomes.push(outcome)
      assert.ok(outcome.stall < MOST_STALL, `${outcome.stall} ms`)
      assert.ok(outcome.peak < MOST_GROWTH, `${outcome.peak} MiB`)
    })
  }
})

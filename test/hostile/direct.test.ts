import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { directFrames } from './attacks/direct-frames.js'
import { directPort } from './attacks/direct-port.js'
import { type Outcome, Scene } from './scene.js'
import { tableOf } from './table.js'

const MiB = 1024 * 1024
/** MiB that an attack may cost at any moment. */
const MOST_GROWTH = 60

describe('a node whose direct connections are attacked', { timeout: 120_000 }, () => {
  const outcomes: Outcome[] = []
  let scene: Scene

  before(async () => {
    scene = await Scene.open({ target: { limits: { buffered: 4 * MiB, streams: 50 } } })
  })

  after(async () => {
    await scene.close()
    console.log(`\n${tableOf(outcomes)}\n`)
  })

  for (const attack of [...directPort, ...directFrames]) {
    it(attack.name, async () => {
      const outcome = await scene.suffer(attack)
      outcomes.push(outcome)
      assert.ok(outcome.peak < MOST_GROWTH, `${outcome.peak} MiB`)
    })
  }
})

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { connections } from './attacks/connections.js'
import { datagrams } from './attacks/datagrams.js'
import { events } from './attacks/events.js'
import { identity } from './attacks/identity.js'
import { introductions } from './attacks/introductions.js'
import { messages } from './attacks/messages.js'
import { questions } from './attacks/questions.js'
import { requests } from './attacks/requests.js'
import { type Outcome, Scene } from './scene.js'
import { tableOf } from './table.js'

/** MiB that the attacked node may have more than before all attacks, at any moment. */
const MOST_GROWTH = 200
const MiB = 1024 * 1024

const limits = {
  requestTime: 1000,
  streams: 50,
  buffered: 4 * MiB,
  message: MiB,
  unzipped: MiB,
}

describe('a node that is attacked while a good peer calls it', { timeout: 280_000 }, () => {
  const outcomes: Outcome[] = []
  let scene: Scene

  before(async () => {
    scene = await Scene.open({ target: { limits } })
  })

  after(async () => {
    await scene.close()
    console.log(`\n${tableOf(outcomes)}\n`)
  })

  for (const attack of [
    ...datagrams,
    ...connections,
    ...messages,
    ...requests,
    ...identity,
    ...questions,
    ...events,
    ...introductions,
  ]) {
    it(attack.name, async () => {
      outcomes.push(await scene.suffer(attack))
    })
  }

  it('has never grown beyond bounds', () => {
    let kept = 0
    for (const outcome of outcomes) {
      assert.ok(kept + outcome.peak < MOST_GROWTH, `${outcome.name}: ${kept + outcome.peak} MiB`)
      kept += outcome.kept
    }
  })
})

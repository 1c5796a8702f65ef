import assert from 'node:assert/strict'
import { loadFor } from '#src/client/selection.js'
import { judge, judgeEnd } from './judge.js'
import { Life, type LifeOptions } from './life.js'
import { spyOn } from './spies.js'
import { inThread } from './thread.js'

const { describe, it } = inThread(import.meta.url)

/** `SLEUTH_CALL_SCHEDULES` and `SLEUTH_LARGE_CALL_SCHEDULES`: how many of each are tried. */
const SCHEDULES = Number(process.env.SLEUTH_CALL_SCHEDULES ?? 10)
const LARGE_SCHEDULES = Number(process.env.SLEUTH_LARGE_CALL_SCHEDULES ?? 1)
const FIRST = Number(process.env.SLEUTH_SEED ?? 1)

const SMALL = { least: 3, most: 8, acts: 12, storms: false, narrow: false }
const LARGE = { least: 45, most: 50, acts: 20 }
const ROUGH = { beaconLoss: 0.3, beaconDoubling: 0.2, beaconDelay: 400, messageDelay: 30 }

describe('services on networks in which anything happens', () => {
  for (const [name, options] of [
    ['on a good network', SMALL],
    ['on a rough network', { ...SMALL, ...ROUGH }],
    ['that breaks and is split', { ...SMALL, ...ROUGH, storms: true }],
    [
      'that breaks and is split, and where little may wait',
      { ...SMALL, ...ROUGH, storms: true, narrow: true },
    ],
  ] as const) {
    it(`in 3 to 8 processes, ${name}`, async () => {
      for (let seed = FIRST; seed < FIRST + SCHEDULES; seed++) await tryLife(seed, options)
    })

    it(`in 50 processes, ${name}`, async () => {
      for (let seed = FIRST; seed < FIRST + LARGE_SCHEDULES; seed++)
        await tryLife(seed, { ...options, ...LARGE })
    })
  }

  for (const [name, options] of [
    ['on a rough network', ROUGH],
    ['that breaks and is split', { ...ROUGH, storms: true }],
  ] as const) {
    it(`in 50 processes with links to those that are used, ${name}`, async () => {
      for (let seed = FIRST; seed < FIRST + LARGE_SCHEDULES; seed++)
        await tryLife(seed, { ...SMALL, ...options, ...LARGE, links: 'used' })
    })
  }

  it('replay exactly', async () => {
    const options = { ...SMALL, ...ROUGH, storms: true }
    assert.equal(await tryLife(FIRST, options), await tryLife(FIRST, options))
  })
})

/** Returns what stands for all that has happened. */
async function tryLife(seed: number, options: LifeOptions): Promise<string> {
  const life = new Life(seed, options)
  const stopSpying = spyOn(life.world)
  const found: string[] = []
  try {
    // A module is loaded in real time, which the world does not know.
    await loadFor({ version: '*' })
    await life.world.inside(async () => {
      await life.live()
      found.push(...judge(life))
      await life.end()
      found.push(...judgeEnd(life))
    })
  } finally {
    stopSpying()
  }
  const again = `seed ${seed}: again with SLEUTH_SEED=${seed} SLEUTH_CALL_SCHEDULES=1 SLEUTH_LARGE_CALL_SCHEDULES=1`
  assert.equal(found.length, 0, [...found.slice(0, 10), again].join('\n'))
  return life.world.fingerprint
}

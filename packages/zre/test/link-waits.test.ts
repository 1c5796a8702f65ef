import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { LinkWaits } from '#src/link-waits.js'
import { Schedule } from '#src/testing/schedule.js'
import { VirtualProcess } from '#src/testing/virtual-process.js'

const NODE = 'AA'.repeat(16)
const LOST = 1000

/** Somebody who waits, and a clock that a test moves. */
function bench() {
  const schedule = new Schedule()
  const seen = { isThere: false, outcome: undefined as boolean | undefined }
  const waits = new LinkWaits(new VirtualProcess(schedule, () => {}).clock, () => seen.isThere)
  void waits.next(NODE, LOST).then((linked) => {
    seen.outcome = linked
  })
  const pass = async (milliseconds: number) => {
    schedule.run(milliseconds)
    await turn()
  }
  return { waits, seen, pass }
}

describe('who waits for a link', () => {
  it('waits for a node that has shaken hands as long as it takes', async () => {
    const { waits, seen, pass } = bench()
    seen.isThere = true
    await pass(60 * LOST)
    assert.equal(seen.outcome, undefined)
    waits.observe({ type: 'close', id: NODE, flush: false })
    await turn()
    assert.equal(seen.outcome, false)
  })

  it('gives up a node that nobody was at all the time', async () => {
    const { waits, seen, pass } = bench()
    await pass(LOST - 1)
    assert.equal(seen.outcome, undefined)
    await pass(1)
    assert.equal(seen.outcome, false)
    waits.close()
  })

  it('begins anew when the node was there meanwhile', async () => {
    const { seen, pass } = bench()
    await pass(0.7 * LOST)
    seen.isThere = true
    await pass(0.1 * LOST)
    seen.isThere = false
    await pass(0.9 * LOST)
    assert.equal(seen.outcome, undefined)
    await pass(0.1 * LOST)
    assert.equal(seen.outcome, false)
  })
})

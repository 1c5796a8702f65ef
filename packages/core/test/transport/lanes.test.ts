import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Lanes, type Work } from '#src/transport/lanes.js'
import { until } from './streams/harness.js'

function noted(seen: string[], name: string): Work {
  return () => {
    seen.push(name)
    return undefined
  }
}

/** It takes so many parts. */
function inParts(seen: string[], name: string, parts: number): Work {
  const part = (at: number): Work => {
    return () => {
      seen.push(`${name}${at}`)
      return at === parts ? undefined : part(at + 1)
    }
  }
  return part(1)
}

describe('lanes', { timeout: 60_000 }, () => {
  it('what is done at once is done at once', () => {
    const seen: string[] = []
    const lanes = new Lanes(1000)
    for (const name of ['a', 'b']) assert.equal(lanes.run('x', 1, noted(seen, name)), true)
    assert.deepEqual(seen, ['a', 'b'])
  })

  it('what follows waits for it, and other peers do not', async () => {
    const seen: string[] = []
    const lanes = new Lanes(1000)
    lanes.run('x', 1, inParts(seen, 'x', 3))
    lanes.run('x', 1, noted(seen, 'then'))
    lanes.must('x', noted(seen, 'last'))
    lanes.run('y', 1, noted(seen, 'y'))
    await until(() => seen.includes('last'))
    assert.deepEqual(seen, ['x1', 'y', 'x2', 'x3', 'then', 'last'])
    lanes.run('x', 1, noted(seen, 'at once'))
    assert.equal(seen.at(-1), 'at once')
  })

  it('peers have parts of their work done in turns', async () => {
    const seen: string[] = []
    const lanes = new Lanes(1000)
    lanes.run('x', 1, inParts(seen, 'x', 3))
    lanes.run('y', 1, inParts(seen, 'y', 3))
    await until(() => seen.includes('y3'))
    assert.deepEqual(seen, ['x1', 'y1', 'x2', 'y2', 'x3', 'y3'])
  })

  it('a promise is waited for, and what it gives runs outside of microtasks', async () => {
    const seen: string[] = []
    const lanes = new Lanes(1000)
    lanes.run('x', 1, async () => {
      await new Promise((done) => setImmediate(done))
      return () => {
        void Promise.resolve().then(() => seen.push('promise'))
        process.nextTick(() => seen.push('tick'))
        return undefined
      }
    })
    lanes.run('x', 1, noted(seen, 'then'))
    assert.equal(seen.length, 0)
    await until(() => seen.includes('then'))
    assert.deepEqual(
      seen.filter((one) => one !== 'then'),
      ['tick', 'promise'],
    )
  })

  it('a peer has only so much waiting: what is above it is not taken, and can be replaced by something else', async () => {
    const seen: string[] = []
    const lanes = new Lanes(1000)
    lanes.run('x', 1, inParts(seen, 'x', 2))
    assert.equal(lanes.run('x', 5000, noted(seen, 'a single one may be larger')), true)
    assert.equal(lanes.run('x', 1, noted(seen, 'too much')), false)
    lanes.must('x', noted(seen, 'instead'), true)
    assert.equal(lanes.run('x', 500, noted(seen, 'taken')), true)
    await until(() => seen.includes('taken'))
    assert.deepEqual(seen, ['x1', 'x2', 'instead', 'taken'])
  })

  it('what must be done is done, whatever takes the place of what waits', async () => {
    const seen: string[] = []
    const lanes = new Lanes(1000)
    lanes.run('x', 1, inParts(seen, 'x', 2))
    lanes.must('x', noted(seen, 'must'))
    lanes.run('x', 900, noted(seen, 'may'))
    for (const name of ['instead', 'instead again']) lanes.must('x', noted(seen, name), true)
    await until(() => seen.includes('instead again'))
    assert.deepEqual(seen, ['x1', 'x2', 'must', 'instead again'])
  })

  it('that are closed do nothing more', async () => {
    const seen: string[] = []
    const lanes = new Lanes(1000)
    lanes.run('x', 1, inParts(seen, 'x', 3))
    lanes.run('y', 1, async () => noted(seen, 'y'))
    lanes.close()
    for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done))
    assert.deepEqual(seen, ['x1'])
  })
})

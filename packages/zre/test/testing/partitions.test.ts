import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Partition, Partitions } from '#src/testing/partitions.js'

/** Who reaches whom of a, which is inside, and b, which is outside. */
function ways(partitions: Partitions) {
  return {
    says: [partitions.allows('a', 'b'), partitions.allows('b', 'a')],
    connects: [partitions.allowsConnect('a', 'b'), partitions.allowsConnect('b', 'a')],
  }
}

function hinderedBy(partition: Partition) {
  const partitions = new Partitions()
  partitions.add(partition)
  return ways(partitions)
}

const inside = new Set(['a'])

describe('partitions', () => {
  it('stop what is said both ways, or one way; to connect, both have to be heard', () => {
    assert.deepEqual(hinderedBy({ inside, oneWay: false }), {
      says: [false, false],
      connects: [false, false],
    })
    assert.deepEqual(hinderedBy({ inside, oneWay: true }), { says: [false, true], connects: [false, false] })
  })

  it('of a firewall stop only connections, and only from inside', () => {
    assert.deepEqual(hinderedBy({ inside, oneWay: true, connectionsOnly: true }), {
      says: [true, true],
      connects: [false, true],
    })
  })

  it('do not stop those on one side', () => {
    const partitions = new Partitions()
    partitions.add({ inside, oneWay: false })
    assert.ok(partitions.allows('b', 'c') && partitions.allowsConnect('b', 'c'))
    assert.ok(partitions.allows('a', 'a') && partitions.allowsConnect('a', 'a'))
  })

  it('count together until each is removed', () => {
    const partitions = new Partitions()
    const [there, back] = [
      { inside, oneWay: true },
      { inside: new Set(['b']), oneWay: true },
    ]
    partitions.add(there)
    partitions.add(back)
    assert.deepEqual(ways(partitions).says, [false, false])
    partitions.remove(there)
    assert.deepEqual(ways(partitions).says, [true, false])
    assert.deepEqual([partitions.has(there), partitions.has(back)], [false, true])
    partitions.remove(back)
    assert.deepEqual(ways(partitions), { says: [true, true], connects: [true, true] })
  })
})

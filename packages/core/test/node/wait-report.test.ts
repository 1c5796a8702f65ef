import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Reach, Sighting } from '@sleuth/zre'
import { peerInfo } from '#src/directory/peer-info.js'
import { reportOf } from '#src/node/wait-report.js'

function sighting(reach: Reach, headers: Record<string, string> = {}, greeted = true): Sighting {
  const endpoint = 'tcp://10.0.0.2:50000'
  const about = {
    id: 'AB',
    name: 'ab',
    endpoint,
    announced: endpoint,
    address: '10.0.0.2',
    verified: false,
    connections: 'both' as const,
    groups: new Set<string>(),
  }
  const peer = greeted ? { ...about, headers: new Map(Object.entries(headers)) } : undefined
  return { id: 'AB', endpoint, reach, since: 1, peer }
}

const announced = { group: 'SLEUTH-v1', node: 'AB', type: 'comments' }

describe('the report of a wait', () => {
  const cases: [string, Sighting[], Record<string, number>, RegExp][] = [
    ['nobody was heard', [], {}, /no other node was heard.*UDP port/],
    ['nodes of another network were heard', [], { encrypted: 3 }, /do not belong.*options\.security/],
    ['a node is heard that can not be reached', [sighting('unreachable', {}, false)], {}, /let TCP pass/],
    ['a node is heard that does not reach us', [sighting('unanswered', {}, false)], {}, /let TCP pass/],
    ['a node does not let us in', [sighting('refused', {}, false)], {}, /security\.allow/],
    ['others are connected', [sighting('connected', announced)], {}, /none of them offers/],
  ]
  for (const [what, sightings, dropped, message] of cases) {
    it(`says that ${what}`, () => assert.match(reportOf(['users'], { sightings, dropped }).message, message))
  }

  it('has names in fields alone, and not without end', () => {
    const sightings = Array.from({ length: 100 }, (_, at) =>
      sighting('connected', { ...announced, type: `evil\n${at}` }),
    )
    const missing = Array.from({ length: 100 }, (_, at) => `m${at}`)
    const { fields, message } = reportOf(missing, { sightings, dropped: {} })
    assert.ok(!message.includes('evil') && !message.includes('m1'))
    assert.equal(fields.found.length, 20)
    assert.equal(fields.missing.length, 20)
    assert.deepEqual([fields.heard, fields.connected, fields.unreachable], [100, 100, 0])
  })
})

describe('what is shown of a node', () => {
  it('is where it is and how far we are, and what it said of itself when it has', () => {
    assert.deepEqual(peerInfo(sighting('unreachable', {}, false), 'SLEUTH-v1'), {
      id: 'AB',
      name: undefined,
      service: undefined,
      endpoint: 'tcp://10.0.0.2:50000',
      state: 'unreachable',
      since: 1,
    })
    const met = sighting('connected', { ...announced, 'sleuth-name': 'left' })
    assert.deepEqual(
      [peerInfo(met, 'SLEUTH-v1').service, peerInfo(met, 'SLEUTH-v1').name],
      ['comments', 'left'],
    )
    assert.equal(peerInfo(met, 'another').service, undefined)
  })
})

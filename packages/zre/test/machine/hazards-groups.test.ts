import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MAX_GROUPS } from '#src/wire/message.js'
import { Bench, drops, find, OTHER, PEER, sent, types } from '../support/machine.js'

// The hazards of the wire, by their names: what kills or loses a real peer, or us.

describe('groups', () => {
  const join = (group: string, status: number) => ({ type: 'join', group, status }) as const
  const leave = (group: string, status: number) => ({ type: 'leave', group, status }) as const

  it('JOIN and LEAVE of a peer change its groups and are told', () => {
    const bench = Bench.withPeer()
    const joined = find(bench.message(join('g', 1), 2), 'join')
    assert.deepEqual([joined.group, [...joined.peer.groups]], ['g', ['g']])
    const left = find(bench.message(leave('g', 2), 3), 'leave')
    assert.deepEqual([left.group, [...left.peer.groups]], ['g', []])
  })

  it('a status mismatch is counted, and the message counts all the same', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(types(bench.message(join('g', 7), 2)), ['drop', 'join'])
    assert.deepEqual(drops(bench.message(join('h', 7), 3)), ['status-mismatch'])
    assert.deepEqual(types(bench.message(leave('h', 8), 4)), ['leave'])
  })

  it('a status wraps at 256', () => {
    const bench = new Bench()
    bench.hello(PEER, { status: 255 })
    assert.deepEqual(types(bench.message(join('g', 0), 2)), ['join'])
  })

  it('JOIN of a group that the peer is in, or LEAVE of another, is not told twice', () => {
    const bench = new Bench()
    bench.hello(PEER, { groups: ['g'] })
    assert.deepEqual(bench.message(join('g', 1), 2), [])
    assert.deepEqual(bench.message(leave('h', 2), 3), [])
  })

  it('a peer is in no more groups than any node is, and what it joins beyond is counted', () => {
    const bench = new Bench()
    const groups = Array.from({ length: MAX_GROUPS - 1 }, (_, index) => `g${index}`)
    bench.hello(PEER, { groups })
    assert.deepEqual(types(bench.message(join('last', 1), 2)), ['join'])
    assert.deepEqual(drops(bench.message(join('more', 2), 3)), ['group-limit'])
    assert.equal(bench.state.peers.get(PEER)?.view?.groups.size, MAX_GROUPS)
    assert.deepEqual(types(bench.message(leave('g0', 3), 4)), ['leave'])
    assert.deepEqual(types(bench.message(join('more', 4), 5)), ['join'])
  })

  it('our JOIN goes to greeted peers as well, with the status last told plus one', () => {
    const bench = new Bench({ groups: ['first'] })
    const hello = sent(bench.beacon())[0]?.message
    assert.equal(hello?.type === 'hello' && hello.status, 1)
    const effects = bench.do({ type: 'join', group: 'g' })
    assert.deepEqual(sent(effects)[0], {
      type: 'send',
      id: PEER,
      sequence: 2,
      message: { type: 'join', group: 'g', status: 2 },
    })
    const later = sent(bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' }))[0]?.message
    assert.deepEqual(later?.type === 'hello' && [later.groups, later.status], [['first', 'g'], 2])
    assert.deepEqual(
      sent(bench.do({ type: 'leave', group: 'first' })).map(({ id, message }) => [id, message]),
      [PEER, OTHER].map((id) => [id, { type: 'leave', group: 'first', status: 3 }]),
    )
  })

  it('our status wraps at 256', () => {
    const bench = Bench.withPeer()
    const statuses: number[] = []
    for (let change = 0; change < 258; change++) {
      const [effect] = sent(bench.do({ type: change % 2 === 0 ? 'join' : 'leave', group: 'g' }))
      if (effect?.message.type === 'join' || effect?.message.type === 'leave')
        statuses.push(effect.message.status)
    }
    assert.deepEqual(statuses.slice(253), [254, 255, 0, 1, 2])
  })

  it('joining twice, or leaving what we are not in, tells nobody', () => {
    const bench = Bench.withPeer({ groups: ['g', 'g'] })
    assert.equal(bench.state.status, 1)
    assert.deepEqual(bench.do({ type: 'join', group: 'g' }), [])
    assert.deepEqual(bench.do({ type: 'leave', group: 'h' }), [])
  })

  it('SHOUT goes to the peers in the group, whether we are or not', () => {
    const bench = new Bench()
    bench.hello(PEER, { groups: ['g'] })
    bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' })
    const content = [Buffer.from('x')]
    assert.deepEqual(
      sent(bench.do({ type: 'shout', group: 'g', content })).map(({ id }) => id),
      [PEER],
    )
  })
})

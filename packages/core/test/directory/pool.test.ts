import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Endpoint, MAX_CONSECUTIVE_FAILURES } from '#src/directory/endpoint.js'
import { Pool } from '#src/directory/pool.js'
import type { Instance } from '#src/types.js'

const instance = (id: string): Instance => ({
  id,
  name: id,
  version: '1',
  endpoint: 'tcp://127.0.0.1:1',
  wire: 1,
  ready: true,
  meta: {},
})

const picking = { balance: 'round-robin' as const, now: () => 1, random: () => 0.5 }

function poolOf(...ids: string[]): Pool {
  const pool = new Pool(picking)
  for (const id of ids) pool.add(instance(id))
  return pool
}

const turns = (pool: Pool, count: number) =>
  Array.from({ length: count }, () => pool.next()?.instance.id).join('')

describe('Pool', () => {
  it('TestWorkersAddDuplicate: ignores an instance that is there already', () => {
    const pool = new Pool(picking)
    assert.equal(pool.add(instance('a')), true)
    assert.equal(pool.add(instance('a')), false)
    assert.equal(pool.instances.length, 1)
  })

  it('TestWorkersNext: hands out by turns, and begins again', () => {
    assert.equal(turns(poolOf('a', 'b', 'c'), 7), 'abcabca')
  })

  it('TestWorkersNextNonexistent: has nothing to hand out when empty', () => {
    assert.equal(new Pool(picking).next(), undefined)
  })

  it('TestWorkersRemove: gives what it removed', () => {
    const pool = poolOf('a')
    assert.equal(pool.remove('a')?.id, 'a')
    assert.equal(pool.instances.length, 0)
  })

  it('TestWorkersRemoveNonexistent: removes nothing that is not there', () => {
    assert.equal(poolOf('b').remove('a'), undefined)
  })

  it("keeps its place when one is removed, as Go's does", () => {
    const pool = poolOf('a', 'b', 'c', 'd')
    assert.equal(turns(pool, 2), 'ab')
    pool.remove('a')
    assert.equal(turns(pool, 4), 'dbcd')
  })

  it('begins again when the end was removed', () => {
    const pool = poolOf('a', 'b', 'c')
    assert.equal(turns(pool, 2), 'ab')
    pool.remove('c')
    assert.equal(turns(pool, 3), 'aba')
  })

  it('takes a new one into the next turn', () => {
    const pool = poolOf('a', 'b')
    assert.equal(turns(pool, 2), 'ab')
    pool.add(instance('c'))
    assert.equal(turns(pool, 4), 'cabc')
  })

  it('begins again after it was empty for a call', () => {
    const pool = poolOf('a')
    pool.next()
    pool.remove('a')
    assert.equal(pool.next(), undefined)
    pool.add(instance('b'))
    assert.equal(turns(pool, 2), 'bb')
  })
})

/** Pools whose clock and dice are the test's. */
function rigged(balance: 'round-robin' | 'least-pending', ids: string) {
  const world = { now: 1000, random: 0 }
  const pool = new Pool({ balance, now: () => world.now, random: () => world.random })
  for (const id of ids) pool.add(instance(id))
  const members = new Map<string, Endpoint>()
  for (const _ of ids) {
    const member = pool.next([...members.values()]) as Endpoint
    members.set(member.instance.id, member)
  }
  const at = (id: string) => members.get(id) as Endpoint
  const fail = (id: string) => {
    for (let i = 0; i < MAX_CONSECUTIVE_FAILURES; i++) at(id).health.failed(world.now, 0.5)
  }
  return { world, pool, at, fail, tried: (some: string) => [...some].map(at) }
}

describe('Pool, for a further try', () => {
  it('hands out what was not tried yet, by turns', () => {
    const { pool, tried } = rigged('round-robin', 'abcd')
    assert.equal(pool.next(tried('a'))?.instance.id, 'b')
    assert.equal(pool.next(tried('abc'))?.instance.id, 'd')
    assert.equal(pool.next(tried('ab'))?.instance.id, 'c')
    assert.equal(turns(pool, 2), 'da')
  })

  for (const balance of ['round-robin', 'least-pending'] as const) {
    it(`has nothing when all were tried: ${balance}`, () => {
      const { pool, tried } = rigged(balance, 'ab')
      assert.equal(pool.next(tried('ab')), undefined)
      assert.equal(pool.next(tried('b'))?.instance.id, 'a')
    })
  }
})

describe('Pool, with an instance that fails', () => {
  for (const balance of ['round-robin', 'least-pending'] as const) {
    it(`passes it over until its pause is over, then probes it once: ${balance}`, () => {
      const { pool, at, fail, world } = rigged(balance, 'abc')
      fail('b')
      const seen = (count: number) => {
        const ids = new Set<string>()
        for (let i = 0; i < count; i++) {
          world.random = i / count
          ids.add(pool.next()?.instance.id as string)
        }
        return [...ids].sort().join('')
      }
      assert.equal(seen(12), 'ac')
      world.now = at('b').health.ejectedUntil
      assert.equal(seen(12), 'abc')
      assert.equal(seen(12), 'ac')
      at('b').health.succeeded()
      assert.equal(seen(12), 'abc')
    })

    it(`never passes over all of them: the one whose pause ends first is used: ${balance}`, () => {
      const { pool, fail, world, tried } = rigged(balance, 'abc')
      fail('b')
      world.now += 10
      fail('a')
      fail('c')
      assert.equal(turns(pool, 3), 'bbb')
      assert.notEqual(pool.next(tried('b'))?.instance.id, 'b')
    })
  }

  it('keeps the turn of the others', () => {
    const { pool, fail } = rigged('round-robin', 'abcd')
    fail('c')
    assert.equal(turns(pool, 6), 'abdabd')
  })
})

describe('Pool, by least-pending', () => {
  it('takes the idler of two at random', () => {
    const { pool, at, world } = rigged('least-pending', 'abc')
    at('a').pending = 2
    at('b').pending = 1
    at('c').pending = 0
    // The first of the two by the one number, the second by the same: 0 is the next, 0.99 the last.
    world.random = 0
    assert.equal(pool.next()?.instance.id, 'b')
    world.random = 0.4
    assert.equal(pool.next()?.instance.id, 'c')
    world.random = 0.99
    assert.equal(pool.next()?.instance.id, 'c')
  })

  it('never compares one with itself', () => {
    const { pool, at, world } = rigged('least-pending', 'ab')
    at('a').pending = 1
    for (world.random = 0; world.random < 1; world.random += 0.05) {
      assert.equal(pool.next()?.instance.id, 'b')
    }
  })

  it('takes the only one, and nothing from none', () => {
    assert.equal(rigged('least-pending', 'a').pool.next()?.instance.id, 'a')
    assert.equal(rigged('least-pending', '').pool.next(), undefined)
  })
})

describe('Pool, with instances that are not ready', () => {
  it('hands out those that are, whatever was tried; and all if none is', () => {
    const pool = poolOf('a', 'b', 'c')
    assert.equal(pool.setReady('b', false), true)
    assert.equal(pool.setReady('b', false), false)
    assert.equal(pool.setReady('x', false), false)
    assert.equal(turns(pool, 4), 'acac')
    assert.equal(pool.size, 3)
    const ready = ['a', 'c'].map(() => pool.next() as Endpoint)
    assert.equal(pool.next(ready), undefined, 'one that is ready is tried again, rather than one that is not')
    pool.setReady('a', false)
    pool.setReady('c', false)
    assert.equal(pool.hasReady, false)
    assert.deepEqual([...turns(pool, 6)].sort().join(''), 'aabbcc')
    pool.setReady('b', true)
    assert.equal(turns(pool, 2), 'bb')
    assert.deepEqual(
      pool.instances.map(({ ready: isReady }) => isReady),
      [false, true, false],
    )
    pool.remove('b')
    assert.equal(pool.hasReady, false)
    assert.equal([...turns(pool, 2)].sort().join(''), 'ac')
    pool.add(instance('d'))
    assert.equal(turns(pool, 2), 'dd')
  })

  it('takes none of them by least-pending either', () => {
    const pool = new Pool({ ...picking, balance: 'least-pending', random: Math.random })
    for (const id of ['a', 'b', 'c']) pool.add(instance(id))
    pool.setReady('a', false)
    for (let call = 0; call < 50; call++) assert.notEqual(pool.next()?.instance.id, 'a')
    pool.setReady('b', false)
    assert.equal(pool.next()?.instance.id, 'c')
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Pool } from '#src/directory/pool.js'
import type { Instance } from '#src/types.js'

const instance = (id: string): Instance => ({
  id,
  name: id,
  version: '1',
  endpoint: 'tcp://127.0.0.1:1',
  wire: 1,
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

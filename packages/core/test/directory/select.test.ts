import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Pool } from '#src/directory/directory.js'
import type { Endpoint } from '#src/directory/endpoint.js'
import type { Selector } from '#src/directory/selector.js'
import type { Instance } from '#src/types.js'

function instance(id: string, more: Partial<Instance> = {}): Instance {
  return {
    id,
    name: id,
    version: '1.0.0',
    endpoint: 'tcp://127.0.0.1:1',
    wire: 2,
    meta: {},
    ready: true,
    ...more,
  }
}

function poolOf(instances: Instance[], random = Math.random): Pool {
  const pool = new Pool({ balance: 'round-robin', now: () => 1, random })
  for (const one of instances) pool.add(one)
  return pool
}

function selector(more: Partial<Selector> = {}): Selector {
  return { matches: () => true, prefers: undefined, key: undefined, says: '', ...more }
}

const zone = (name: string) => (one: Instance) => one.meta.zone === name

function counts(
  pool: Pool,
  calls: number,
  next: () => Endpoint | undefined = () => pool.next(),
): Record<string, number> {
  const seen: Record<string, number> = {}
  for (let call = 0; call < calls; call++) {
    const id = next()?.instance.id ?? 'none'
    seen[id] = (seen[id] ?? 0) + 1
  }
  return seen
}

const ids = Array.from({ length: 10 }, (_, at) => `instance-${at}`)

describe('the choice of an instance', () => {
  it('matches always, takes turns among those that match, and is none where none matches', () => {
    const members = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(
        members,
        fc.constantFrom('a', 'b', 'c'),
        fc.constantFrom('round-robin', 'least-pending'),
        (zones, wanted, balance) => {
          const pool = poolOf(zones.map((name, at) => instance(`i${at}`, { meta: { zone: name } })))
          const matching = zones.filter((name) => name === wanted).length
          const chosen = Array.from({ length: matching * 3 || 1 }, () =>
            pool.next(undefined, balance as 'round-robin', selector({ matches: zone(wanted) })),
          )
          if (matching === 0) return chosen[0] === undefined
          if (!chosen.every((one) => one?.instance.meta.zone === wanted)) return false
          return balance !== 'round-robin' || new Set(chosen.slice(0, matching)).size === matching
        },
      ),
    )
  })

  it('does not skip or flood those that other calls pass by', () => {
    const pool = poolOf([instance('a', { meta: { zone: 'a', weight: '2' } }), instance('b'), instance('c')])
    counts(pool, 100, () => pool.next(undefined, undefined, selector({ matches: zone('a') })))
    const seen = counts(pool, 400)
    assert.ok(Math.abs((seen.a ?? 0) - 200) <= 2, JSON.stringify(seen))
  })

  it('prefers some, and goes to the others when none of them can be called', () => {
    const pool = poolOf([
      instance('a', { meta: { zone: 'a' } }),
      instance('b', { meta: { zone: 'b' } }),
      instance('c', { meta: { zone: 'b' } }),
    ])
    const near = selector({ prefers: zone('a') })
    assert.deepEqual(
      counts(pool, 5, () => pool.next(undefined, undefined, near)),
      { a: 5 },
    )
    const a = pool.find('a') as Endpoint
    assert.notEqual(pool.next([a], undefined, near)?.instance.id, 'a')
    a.health.ejectedUntil = 2
    assert.deepEqual(
      counts(pool, 4, () => pool.next(undefined, undefined, near)),
      { b: 2, c: 2 },
    )
    a.health.ejectedUntil = 0
    pool.setReady('a', false)
    assert.deepEqual(
      counts(pool, 4, () => pool.next(undefined, undefined, near)),
      { b: 2, c: 2 },
    )
  })

  it('gives each its share by weight', () => {
    const pool = poolOf([
      instance('stable', { meta: { weight: '95' } }),
      instance('canary', { meta: { weight: '5' } }),
    ])
    assert.deepEqual(counts(pool, 1000), { stable: 950, canary: 50 })
    const idle = counts(pool, 2000, () => pool.next(undefined, 'least-pending'))
    assert.ok((idle.canary ?? 0) < (idle.stable ?? 0))
  })

  it('calls one of weight 0 only if there is no other', () => {
    const pool = poolOf([instance('a'), instance('spare', { meta: { weight: '0' } })])
    assert.deepEqual(counts(pool, 5), { a: 5 })
    pool.setReady('a', false)
    assert.deepEqual(counts(pool, 5), { spare: 5 })
    pool.remove('a')
    assert.deepEqual(counts(pool, 5), { spare: 5 })
  })

  it('takes a weight that is none for 1', () => {
    const odd = ['', 'x', '-1', '1e9', 'NaN'].map((weight, at) => instance(`i${at}`, { meta: { weight } }))
    const pool = poolOf([...odd, instance('two', { meta: { weight: '2' } })])
    const seen = counts(pool, 700)
    assert.equal(seen.two, 200)
    assert.equal(seen.i0, 100)
  })

  it('a key leads to one instance, whoever asks, and its keys alone move when an instance goes', () => {
    const one = poolOf(ids.map((id) => instance(id)))
    const other = poolOf([...ids].reverse().map((id) => instance(id)))
    const keys = Array.from({ length: 5000 }, (_, at) => `user-${at}`)
    const of = (pool: Pool, key: string) => pool.next(undefined, undefined, selector({ key }))?.instance.id
    const before = new Map(keys.map((key) => [key, of(one, key)]))
    for (const [key, id] of before) assert.equal(of(other, key), id)
    const spread = counts(one, 0)
    for (const id of before.values()) spread[id as string] = (spread[id as string] ?? 0) + 1
    for (const id of ids)
      assert.ok(Math.abs((spread[id] ?? 0) - 500) < 120, `${id} has ${spread[id]} of 5000 keys`)
    one.remove('instance-3')
    for (const [key, id] of before) if (id !== 'instance-3') assert.equal(of(one, key), id)
  })

  it('a key goes to the next instance when its own was tried, and more keys to one of more weight', () => {
    const pool = poolOf(ids.map((id) => instance(id, { meta: id === 'instance-0' ? { weight: '3' } : {} })))
    const of = (key: string, tried?: Endpoint[]) => pool.next(tried, undefined, selector({ key }))
    const first = of('a') as Endpoint
    assert.notEqual(of('a', [first]), first)
    assert.equal(of('a'), first)
    const seen = Array.from({ length: 6000 }, (_, at) => of(`user-${at}`)?.instance.id)
    const heavy = seen.filter((id) => id === 'instance-0').length
    assert.ok(Math.abs(heavy - 1500) < 200, `${heavy} of 6000`)
  })

  it('counts those that match, and knows whether another one does', () => {
    const pool = poolOf([instance('a', { meta: { zone: 'a' } }), instance('b', { meta: { zone: 'b' } })])
    const inA = selector({ matches: zone('a') })
    assert.equal(pool.count(inA), 1)
    assert.equal(pool.hasOther([], inA), true)
    assert.equal(pool.hasOther([pool.find('a') as Endpoint], inA), false)
  })

  it('learns that an instance has other labels', () => {
    const pool = poolOf([instance('a'), instance('b')])
    pool.describe(pool.find('a') as Endpoint, instance('a', { meta: { weight: '3' } }))
    assert.deepEqual(counts(pool, 40), { a: 30, b: 10 })
  })
})

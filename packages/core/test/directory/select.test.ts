import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Endpoint } from '#src/directory/endpoint.js'
import { Pool } from '#src/directory/pool.js'
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
    const seen = counts(pool, 1000)
    assert.ok(Math.abs((seen.canary ?? 0) - 50) <= 1, JSON.stringify(seen))
  })

  it('gives each its share by weight to callers that make few calls as well', () => {
    const members = Array.from({ length: 19 }, (_, at) => instance(`stable-${at}`))
    let canary = 0
    for (let caller = 0; caller < 500; caller++) {
      const pool = poolOf([instance('canary', { meta: { weight: '0.2' } }), ...members])
      canary += counts(pool, 10).canary ?? 0
    }
    // 52 are its share. With that of a full instance it would have 260.
    assert.ok(canary > 10 && canary < 130, `${canary} of 5000`)
  })

  it('gives each its share by weight and by what is pending', () => {
    const pool = poolOf([
      instance('stable', { meta: { weight: '95' } }),
      instance('canary', { meta: { weight: '5' } }),
    ])
    const idle = counts(pool, 1000, () => pool.next(undefined, 'least-pending'))
    assert.ok(Math.abs((idle.canary ?? 0) - 50) <= 1, JSON.stringify(idle))
    ;(pool.find('stable') as Endpoint).pending = 18
    const busy = counts(pool, 1000, () => pool.next(undefined, 'least-pending'))
    assert.ok(Math.abs((busy.canary ?? 0) - 500) <= 2, JSON.stringify(busy))
  })

  it('is spread as before when one of the smallest weight was called', () => {
    const tiny = instance('tiny', { meta: { zone: 'a', weight: '1e-300' } })
    const pool = poolOf([instance('one'), instance('other'), tiny])
    counts(pool, 3, () => pool.next(undefined, undefined, selector({ matches: zone('a') })))
    const seen = counts(pool, 100)
    assert.ok(Math.abs((seen.one ?? 0) - 50) <= 1, JSON.stringify(seen))
  })

  it('calls one of weight 0 when all others are ejected, and not because they were tried', () => {
    const pool = poolOf([instance('a'), instance('spare', { meta: { weight: '0' } })])
    const a = pool.find('a') as Endpoint
    const of = (tried: Endpoint[] = []) => pool.next(tried, undefined, selector())?.instance.id
    assert.equal(of([a]), undefined)
    assert.equal(pool.hasOther([a]), false)
    a.health.ejectedUntil = 2
    assert.equal(of(), 'spare')
    assert.equal(pool.hasOther([a]), true)
    ;(pool.find('spare') as Endpoint).health.ejectedUntil = 3
    assert.equal(of(), 'a')
    a.health.ejectedUntil = 0
    assert.equal(of(), 'a')
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
    assert.ok(Math.abs((seen.two ?? 0) - 200) <= 1, JSON.stringify(seen))
    assert.ok(Math.abs((seen.i0 ?? 0) - 100) <= 1, JSON.stringify(seen))
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

  it('a key comes back to its instance when that is not ejected any more, and no other key moves meanwhile', () => {
    const pool = poolOf(ids.map((id) => instance(id)))
    const keys = Array.from({ length: 500 }, (_, at) => `user-${at}`)
    const all = () => keys.map((key) => pool.next(undefined, undefined, selector({ key }))?.instance.id)
    const before = all()
    const { health } = pool.find('instance-3') as Endpoint
    health.ejectedUntil = 2
    for (const [at, id] of all().entries()) {
      if (before[at] === 'instance-3') assert.notEqual(id, 'instance-3')
      else assert.equal(id, before[at])
    }
    health.succeeded()
    assert.deepEqual(all(), before)
  })

  it('does not count more than it is asked for', () => {
    const pool = poolOf(ids.map((id) => instance(id)))
    let asked = 0
    const matches = () => ++asked > 0
    assert.equal(pool.count(selector({ matches }), 2), 2)
    assert.equal(asked, 2)
  })

  it('counts those that match, and knows whether another one does', () => {
    const pool = poolOf([instance('a', { meta: { zone: 'a' } }), instance('b', { meta: { zone: 'b' } })])
    const inA = selector({ matches: zone('a') })
    assert.equal(pool.count(inA, Infinity), 1)
    assert.equal(pool.hasOther([], inA), true)
    assert.equal(pool.hasOther([pool.find('a') as Endpoint], inA), false)
  })

  it('learns that an instance has other labels', () => {
    const pool = poolOf([instance('a'), instance('b')])
    pool.describe(pool.find('a') as Endpoint, instance('a', { meta: { weight: '3' } }))
    const seen = counts(pool, 40)
    assert.ok(Math.abs((seen.a ?? 0) - 30) <= 1, JSON.stringify(seen))
  })
})

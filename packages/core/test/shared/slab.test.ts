import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Slab, SlabMap } from '#src/shared/slab.js'

describe('Slab', () => {
  it('holds what was added, until it is deleted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(20))), (steps) => {
        const slots = new Slab<{ n: number }>()
        const model = new Map<number, { n: number }>()
        steps.forEach(([add, which], n) => {
          if (add) {
            const slot = slots.add({ n })
            assert.ok(!model.has(slot))
            model.set(slot, slots.get(slot) as { n: number })
          } else {
            slots.delete(which)
            model.delete(which)
          }
          assert.equal(slots.size, model.size)
          assert.deepEqual(new Set(slots.all()), new Set(model.values()))
        })
      }),
    )
  })

  it('uses a place again', () => {
    const slots = new Slab<string>()
    for (let i = 0; i < 100; i++) slots.delete(slots.add('x'))
    assert.equal(slots.add('y'), 0)
  })
})

describe('SlabMap', () => {
  it('is a Map to whoever sets, gets and deletes', () => {
    const step = fc.tuple(fc.constantFrom('set', 'delete'), fc.nat(5))
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const map = new SlabMap<number, string>()
        const model = new Map<number, string>()
        steps.forEach(([what, key], n) => {
          if (what === 'set') {
            map.set(key, `${n}`)
            model.set(key, `${n}`)
          } else {
            map.delete(key)
            model.delete(key)
          }
          for (let k = 0; k <= 5; k++)
            assert.deepEqual([map.has(k), map.get(k)], [model.has(k), model.get(k)])
          assert.equal(map.size, model.size)
          assert.deepEqual(map.all().sort(), [...model.values()].sort())
        })
      }),
    )
  })
})

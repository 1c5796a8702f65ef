import { Pool } from '#src/directory/pool.js'
import { Slab } from '#src/shared/slab.js'
import type { World } from './world.js'

/**
 * Tells each process what its library keeps, so that it can be seen in the end that nothing is left there. Returns what
 * ends it. By hand: a mock of `node:test` keeps every call.
 */
export function spyOn(world: World): () => void {
  const { add } = Slab.prototype
  Slab.prototype.add = function (this: Slab<unknown>, item: unknown) {
    world.running?.slots.add(this)
    return add.call(this, item)
  }
  const { next } = Pool.prototype
  Pool.prototype.next = function (this: Pool, ...how: Parameters<typeof next>) {
    const member = next.apply(this, how)
    if (member !== undefined) world.running?.members.add(member)
    return member
  }
  return () => {
    Slab.prototype.add = add
    Pool.prototype.next = next
  }
}

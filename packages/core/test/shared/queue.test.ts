import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Queue } from '#src/shared/queue.js'

describe('a queue', () => {
  it('gives what an array would, whatever is done to it', () => {
    const action = fc.oneof({ arbitrary: fc.nat(), weight: 3 }, fc.constantFrom('shift', 'drain', 'clear'))
    fc.assert(
      fc.property(fc.array(action, { maxLength: 500, size: 'max' }), (actions) => {
        const queue = new Queue<number>()
        let array: number[] = []
        for (const one of actions) {
          if (typeof one === 'number') {
            queue.push(one)
            array.push(one)
          } else if (one === 'shift') {
            assert.equal(queue.shift(), array.shift())
          } else {
            if (one === 'drain') assert.deepEqual(queue.drain(), array)
            else queue.clear()
            array = []
          }
          assert.equal(queue.size, array.length)
          assert.equal(queue.peek(), array[0])
        }
      }),
    )
  })

  it('holds nothing that was taken', () => {
    const queue = new Queue<number>()
    for (let turn = 0; turn < 10; turn++) {
      for (let item = 0; item < 1000; item++) queue.push(item)
      for (let item = 0; item < 1000; item++) assert.equal(queue.shift(), item)
      assert.equal(queue.size, 0)
    }
    assert.equal(queue.shift(), undefined)
  })
})

import assert from 'node:assert/strict'
import { Data, joined } from '../lib/data.js'
import { packets, whispers } from '../lib/vectors.js'
import { actions } from './link/actions.js'
import { Bench, MOST_BUFFERED } from './link/bench.js'

const MOST_STEPS = 60
/** Turns in which what was cut off must have come to its end. */
const TURNS = 50

/** A node that serves and calls over both wires, and what peers may send to it. */
export default {
  seeds: () => [
    ...[...packets, ...whispers].map((content) => Buffer.concat([Buffer.of(0), joined(content)])),
    // A request to each handler; then calls that are answered.
    Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((url) => [1, url, url, 2, 1, 7])),
    Buffer.of(1, 1, 3, 2, 0, 2, 1, 3, 0, 7, 2, 1, 2, 1, 7, 5, 1, 255),
    Buffer.of(6, 0, 1, 8, 0, 3, 0, 9, 0, 2, 1, 7, 6, 1, 2, 10, 1, 7, 12, 0),
  ],

  async run(bytes) {
    const data = new Data(bytes)
    const bench = new Bench()
    for (let steps = 0; steps < MOST_STEPS && data.left > 0; steps++) {
      const running = actions[data.u8() % actions.length](bench, data)
      if (running) await running
      assert.ok(bench.buffered <= MOST_BUFFERED, 'more is kept for a peer than there may be')
    }
    bench.close()
    for (let turn = 0; turn < TURNS && !bench.isOver; turn++) await bench.turn()
    await bench.assertOver()
  },
}

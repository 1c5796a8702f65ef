// The watchdog's own thread: ends the process when the same input still runs at the second look.
import { workerData } from 'node:worker_threads'
import { report } from './report.js'

const { name, memory, hangs } = workerData
const turns = new Uint32Array(memory, 0, 1)
const length = new Uint32Array(memory, 4, 1)
let before = -1

setInterval(() => {
  const turn = turns[0]
  if (turn === before) {
    const bytes = Buffer.from(new Uint8Array(memory, 8, length[0]))
    report(name, bytes, new Error(`it runs for more than ${hangs} ms`))
    process.exit(1)
  }
  before = turn
}, hangs)

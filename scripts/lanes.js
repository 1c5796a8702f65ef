// Which test processes run beside each other. Each kind has a lane, and the lanes run at the same time: while those that wait
// for beacons, timers and other programs wait, those that compute use the processors. Within a lane the slow come first, so that
// none is left alone at the end.

import { availableParallelism } from 'node:os'

/** How many processes of each lane run at a time. */
export const lanes = {
  /** Compute all the time. */
  working: Math.max(2, availableParallelism()),
  /** Wait for beacons, timers and other programs more than they work. */
  waiting: Math.max(3, availableParallelism()),
  /** Keep up a load, and would starve each other. */
  loading: 1,
}

const waiting = new Set(['network', 'processes', 'adapters', 'cli', 'examples', 'hosts', 'interop'])
const loading = new Set(['hostile', 'chaos'])

/** Kinds with processes that take longest, which begin first. */
const slowest = [
  'simulation',
  'contract',
  'hosts',
  'interop',
  'cli',
  'processes',
  'types',
  'package',
  'hostile',
]

function laneOf(kind) {
  return loading.has(kind) ? 'loading' : waiting.has(kind) ? 'waiting' : 'working'
}

/**
 * Does `start` for each task, as many at a time as their lanes have room for. Resolves when all are done.
 * @template {{ kind: string }} T
 * @param {T[]} tasks
 * @param {(task: T) => Promise<void>} start
 */
export async function runInLanes(tasks, start) {
  const place = ({ kind }) => (slowest.includes(kind) ? slowest.indexOf(kind) : slowest.length)
  await Promise.all(
    Object.entries(lanes).flatMap(([lane, places]) => {
      const queue = tasks
        .filter(({ kind }) => laneOf(kind) === lane)
        .sort((one, other) => place(one) - place(other))
      return Array.from({ length: places }, async () => {
        for (let task = queue.shift(); task !== undefined; task = queue.shift()) await start(task)
      })
    }),
  )
}

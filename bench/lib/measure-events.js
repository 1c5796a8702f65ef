import { ask, cpuOf, end, start } from './child.js'

const WARM_UP_MS = 1000
/** All has come when nothing more came for so many milliseconds. */
const QUIET_MS = 200

/** Events of one emitter to so many subscribers, which share a process. */
export async function measureEvents({ contender, port, subscribers, duration, options }) {
  const subscriber = await start('subscribing.js', [contender, port, subscribers], options)
  try {
    const emitter = await start('emitting.js', [contender, port, subscribers], options)
    try {
      await ask(emitter, 'emit', WARM_UP_MS)
      const { count: before } = await allCame(subscriber)
      const cpu = (await cpuOf(emitter)) + (await cpuOf(subscriber))
      const begun = performance.now()
      const emitted = await ask(emitter, 'emit', duration)
      const { count, at } = await allCame(subscriber)
      const came = count - before
      return {
        perSecond: came / ((at - begun) / 1000),
        cpu: ((await cpuOf(emitter)) + (await cpuOf(subscriber)) - cpu) / came,
        missing: emitted * subscribers - came,
      }
    } finally {
      await end(emitter)
    }
  } finally {
    await end(subscriber)
  }
}

async function allCame(subscriber) {
  let count = -1
  for (let at = performance.now(); ; ) {
    const now = await ask(subscriber, 'count')
    if (now !== count) {
      count = now
      at = performance.now()
    } else if (performance.now() - at > QUIET_MS) return { count, at }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

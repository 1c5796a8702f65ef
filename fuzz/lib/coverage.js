import { register } from 'node:module'

const MOST_COUNTERS = 1 << 16

/** Of the input that runs now. Each module has its part of them. */
const counts = new Uint8Array(MOST_COUNTERS)
const words = new Uint32Array(counts.buffer)
/** The features that were ever seen: of each counter, the orders of magnitude that it stood at. */
const seen = new Uint8Array(MOST_COUNTERS)
const literals = new Set()
let used = 0

/** One and two times through a loop differ, and a hundred times is as good as ninety. */
const MAGNITUDE = Uint8Array.from({ length: 256 }, (_, count) => {
  if (count < 4) return [0, 1, 2, 4][count]
  if (count < 8) return 8
  if (count < 16) return 16
  if (count < 32) return 32
  return count < 128 ? 64 : 128
})

/** Modules that are imported from here on count what they run. */
export function countModules() {
  globalThis.__fuzzed = (_url, counters, found) => {
    const mine = counts.subarray(used, used + counters)
    used += counters
    if (used > MOST_COUNTERS) throw new Error(`more than ${MOST_COUNTERS} counters`)
    for (const literal of found) literals.add(literal)
    return mine
  }
  register('./hooks.js', import.meta.url)
}

export function literalsFound() {
  return [...literals].map((text) => Buffer.from(text))
}

export function reset() {
  counts.fill(0, 0, used)
}

/** What ran since `reset` that never did before, remembered from now on. */
export function countNew() {
  let found = 0
  for (let word = 0; word << 2 < used; word++) {
    if (words[word] === 0) continue
    const end = (word << 2) + 4
    for (let at = word << 2; at < end; at++) {
      const feature = MAGNITUDE[counts[at]]
      if ((seen[at] & feature) === feature) continue
      seen[at] |= feature
      found++
    }
  }
  return found
}

export function forgetSeen() {
  seen.fill(0)
}

/** How many of the counters were ever reached. */
export function reached() {
  let blocks = 0
  for (let at = 0; at < used; at++) if (seen[at] !== 0) blocks++
  return { blocks, of: used }
}

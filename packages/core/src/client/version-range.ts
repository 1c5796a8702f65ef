import type { Instance } from '../types.js'

interface Semver {
  satisfies(version: string, range: string): boolean
  isRange(range: string): boolean
}

let semver: Semver | undefined

/** Loads npm's own meaning of a range, when the first call asks for one. Undefined: it is there. */
export function loadRanges(): Promise<void> | undefined {
  return semver === undefined ? load() : undefined
}

async function load(): Promise<void> {
  const [satisfies, validRange] = await Promise.all([
    import('semver/functions/satisfies.js'),
    import('semver/ranges/valid.js'),
  ])
  semver = {
    satisfies: (version, range) => satisfies.default(version, range),
    isRange: (range) => validRange.default(range) !== null,
  }
}

type Test = (instance: Instance) => boolean

/** The ranges that were asked for. Callers may make up any number of them, and peers of versions. */
const tests = new Map<string, Test>()
const MAX_RANGES = 64
const MAX_VERSIONS = 256

/**
 * Whether an instance's version is in a range. One whose version is no semantic version is in `*` alone. Undefined for a text
 * that is no range. Call `loadRanges` before.
 */
export function testOfRange(range: string): Test | undefined {
  const known = tests.get(range)
  if (known !== undefined) return known
  const { satisfies, isRange } = semver as Semver
  if (!isRange(range)) return undefined
  const isAny = range.trim() === '*' || range.trim() === ''
  const test = isAny ? all : remembering((version) => satisfies(version, range))
  if (tests.size >= MAX_RANGES) tests.clear()
  tests.set(range, test)
  return test
}

function all(): boolean {
  return true
}

/** To read a range and a version takes some microseconds, and each call asks for each instance. */
function remembering(isIn: (version: string) => boolean): Test {
  const answers = new Map<string, boolean>()
  return ({ version }) => {
    let answer = answers.get(version)
    if (answer === undefined) {
      answer = isIn(version)
      if (answers.size >= MAX_VERSIONS) answers.clear()
      answers.set(version, answer)
    }
    return answer
  }
}

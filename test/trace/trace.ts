// Counts the calls of sleuth's own functions within one operation, by V8's precise coverage.
// The bench imports this file too, so it imports nothing but Node's own modules.
import type { Profiler } from 'node:inspector'
import { Session } from 'node:inspector/promises'
import { setFlagsFromString } from 'node:v8'

/** A function of ours that the operation calls. */
export interface TracedFunction {
  /** The compiled file, from the folder of packages on: `core/dist/index.js`. */
  readonly file: string
  /** Its name, or `(anonymous at OFFSET)`. */
  readonly name: string
  readonly calls: number
}

/** A compiled file of a package, in a URL. */
const OURS = /\/packages\/([^/]+\/dist\/.+)$/
/** How often the operation runs before the first count: pools are filled and lazy parts are loaded by then. */
const WARM_UP = 50
/** How often it is counted. */
const ROUNDS = 25
/** Both ends are in this process: what follows the response, such as a window update, arrives within this time. */
const SETTLE_MS = 5

/**
 * The calls of one warm operation, by file. Each round counts one operation; of each function
 * the lower quartile counts, so a timer or a beacon that falls into some rounds does not.
 */
export async function trace(operation: () => Promise<unknown>): Promise<TracedFunction[]> {
  // Optimized code does not count the calls that it inlines.
  setFlagsFromString('--no-opt')
  setFlagsFromString('--no-maglev')
  for (let times = 0; times < WARM_UP; times++) await operation()
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
    const rounds: Map<string, TracedFunction>[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await settle()
      // Taking the coverage sets all counts to zero.
      await session.post('Profiler.takePreciseCoverage')
      await operation()
      await settle()
      const { result } = await session.post('Profiler.takePreciseCoverage')
      rounds.push(ours(result))
    }
    return usual(rounds)
  } finally {
    session.disconnect()
  }
}

/** How many files, functions and calls a trace has. */
export function totals(functions: readonly TracedFunction[]) {
  return {
    files: new Set(functions.map(({ file }) => file)).size,
    functions: functions.length,
    calls: functions.reduce((sum, { calls }) => sum + calls, 0),
  }
}

/** One line for each file, and below it one for each of its functions. */
export function table(functions: readonly TracedFunction[]): string {
  const lines: string[] = []
  let last: string | undefined
  for (const { file, name, calls } of functions) {
    if (file !== last) {
      const within = functions.filter((one) => one.file === file)
      lines.push(`${String(totals(within).calls).padStart(5)}  ${file}`)
    }
    last = file
    lines.push(`${String(calls).padStart(11)}  ${name}`)
  }
  return lines.join('\n')
}

/** The functions of our packages in a coverage, by place. */
function ours(scripts: readonly Profiler.ScriptCoverage[]): Map<string, TracedFunction> {
  const found = new Map<string, TracedFunction>()
  for (const { url, functions } of scripts) {
    const file = OURS.exec(url)?.[1]
    if (file === undefined || url.includes('/node_modules/')) continue
    for (const { functionName, ranges } of functions) {
      const [range] = ranges
      if (range === undefined || range.count === 0) continue
      const name = functionName === '' ? `(anonymous at ${range.startOffset})` : functionName
      found.set(`${file} ${range.startOffset} ${range.endOffset}`, { file, name, calls: range.count })
    }
  }
  return found
}

function usual(rounds: readonly Map<string, TracedFunction>[]): TracedFunction[] {
  const found: TracedFunction[] = []
  for (const [place, { file, name }] of new Map(rounds.flatMap((round) => [...round]))) {
    const calls = lowerQuartile(rounds.map((round) => round.get(place)?.calls ?? 0))
    if (calls > 0) found.push({ file, name, calls })
  }
  return found.sort((a, b) => a.file.localeCompare(b.file) || b.calls - a.calls)
}

function lowerQuartile(counts: number[]): number {
  return counts.sort((a, b) => a - b)[counts.length >> 2] ?? 0
}

/** Packets and their answers travel through the threads of ZeroMQ. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
}

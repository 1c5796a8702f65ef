import { MAX_REPORT } from './format.js'

/** Room for the field that says what is missing. */
const TRUNCATED_BYTES = 512

/**
 * A report as JSON, with no more bytes than a frame takes. If it is larger, the last entries of its lists and tables are left
 * out, and `truncated` says how many of each. Undefined if it is larger without them.
 */
export function fittedJson(report: object, max: number = MAX_REPORT): string | undefined {
  const whole = JSON.stringify(report)
  let bytes = Buffer.byteLength(whole)
  if (bytes <= max) return whole
  const cut: Record<string, unknown> = { ...report }
  const truncated: Record<string, number> = {}
  for (const [name, value] of largestFirst(report)) {
    const goal = bytes - (max - TRUNCATED_BYTES)
    if (goal <= 0) break
    const { rest, freed, left } = shortened(value, goal)
    cut[name] = rest
    bytes -= freed
    if (left > 0) truncated[name] = left
  }
  const json = JSON.stringify({ ...cut, truncated })
  return Buffer.byteLength(json) <= max ? json : undefined
}

function largestFirst(report: object): [name: string, value: object][] {
  return Object.entries(report)
    .filter(([, value]) => typeof value === 'object' && value !== null)
    .map(([name, value]) => ({ name, value, size: JSON.stringify(value).length }))
    .sort((one, other) => other.size - one.size)
    .map(({ name, value }) => [name, value])
}

/** A list or a table without its last entries, so that at least `goal` bytes are saved, if it has them. */
function shortened(value: object, goal: number): { rest: object; freed: number; left: number } {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value)
  const isList = Array.isArray(value)
  let kept = entries.length
  let freed = 0
  while (kept > 0 && freed < goal) {
    kept--
    const [key, entry] = entries[kept] as readonly [string, unknown]
    freed += Buffer.byteLength(JSON.stringify(entry) ?? '') + 1
    if (!isList) freed += Buffer.byteLength(JSON.stringify(key)) + 1
  }
  const rest = entries.slice(0, kept)
  return {
    rest: isList ? rest.map(([, entry]) => entry) : Object.fromEntries(rest),
    freed,
    left: entries.length - kept,
  }
}

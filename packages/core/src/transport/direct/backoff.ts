/** Milliseconds until a peer is asked again that did not answer, or to which no connection could be made. */
const FIRST_MS = 2000
const LONGEST_MS = 60_000

/** Each pause is twice as long as the one before, less up to half of it by chance: nodes that failed together do not ask together. */
export function pauseAfter(failures: number, random: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** failures) * (1 - random / 2)
}

/** The candidate that is nearly the word: it begins alike, or two letters differ at most. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const most = word.length < 4 ? 1 : 2
  let best: string | undefined
  let least = most + 1
  for (const candidate of candidates) {
    const far = candidate.startsWith(word) && word.length >= 2 ? 1 : distance(word, candidate)
    if (far < least) [best, least] = [candidate, far]
  }
  return best
}

/** How many letters are added, removed, replaced, or swapped with their neighbour (Damerau and Levenshtein). */
function distance(one: string, other: string): number {
  let older: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row++) {
    const now = [row]
    for (let column = 1; column <= other.length; column++) {
      const differs = one[row - 1] === other[column - 1] ? 0 : 1
      let cost = Math.min(at(last, column) + 1, at(now, column - 1) + 1, at(last, column - 1) + differs)
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      if (swapped && row > 1 && column > 1) cost = Math.min(cost, at(older, column - 2) + 1)
      now.push(cost)
    }
    older = last
    last = now
  }
  return at(last, other.length)
}

function at(list: readonly number[], index: number): number {
  return list[index] as number
}

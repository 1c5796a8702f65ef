/** The ids of members in their order, which is that of a ring: the first follows on the last. */
export type Ring = readonly string[]

/** Where an id is, or where it would be. */
function placeOf(ring: Ring, id: string): number {
  let [from, to] = [0, ring.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((ring[middle] as string) < id) from = middle + 1
    else to = middle
  }
  return from
}

export function addToRing(ring: string[], id: string): void {
  const at = placeOf(ring, id)
  if (ring[at] !== id) ring.splice(at, 0, id)
}

export function removeFromRing(ring: string[], id: string): void {
  const at = placeOf(ring, id)
  if (ring[at] === id) ring.splice(at, 1)
}

/** So many members on each side of an id that is not one of them. */
export function neighboursOn(ring: Ring, id: string, eachSide: number): readonly string[] {
  if (ring.length <= 2 * eachSide) return ring
  const at = placeOf(ring, id)
  const neighbours: string[] = []
  for (let offset = -eachSide; offset < eachSide; offset++)
    neighbours.push(ring[(at + offset + ring.length) % ring.length] as string)
  return neighbours
}

/** How many members there are between two ids, of which neither counts, from the lower to the higher and around the other way. */
export function distanceOn(ring: Ring, one: string, other: string): { up: number; down: number } {
  const [lower, higher] = one < other ? [one, other] : [other, one]
  const [from, to] = [placeOf(ring, lower), placeOf(ring, higher)]
  const isLower = ring[from] === lower ? 1 : 0
  const isHigher = ring[to] === higher ? 1 : 0
  const up = to - from - isLower
  return { up, down: ring.length - up - isLower - isHigher }
}

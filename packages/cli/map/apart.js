const GAP = 14
/** To push one away may push it onto another. */
const ROUNDS = 4

/** A force for d3's simulation that keeps rectangles from lying on each other: d3's own knows only circles. */
export function apart() {
  let nodes = []
  const force = () => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, a] of nodes.entries()) {
        for (let j = i + 1; j < nodes.length; j++) push(a, nodes[j])
      }
    }
  }
  force.initialize = (all) => {
    nodes = all
  }
  return force
}

/** Pages are wide, so it is better to give way sideways, even if that is further. */
const SIDEWAYS = 2.5

/** Each gives way by half. */
function push(a, b) {
  const x = (a.width + b.width) / 2 + GAP - Math.abs(a.x - b.x)
  const y = (a.height + b.height) / 2 + GAP - Math.abs(a.y - b.y)
  if (x <= 0 || y <= 0) return
  const axis = x < y * SIDEWAYS ? 'x' : 'y'
  const half = ((axis === 'x' ? x : y) / 2) * (a[axis] < b[axis] ? -1 : 1)
  a[axis] += half
  b[axis] -= half
}

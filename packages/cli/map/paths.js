// The line of each call, from the border of one node to that of another.

/** Between two calls at the border of one node. */
const PORT = 13
/** The arrow needs some room before the border. */
const ARROW = 3

/** `flow`: whether calls go `right` from column to column, `down` from row to row, or anywhere (`free`). */
export function pathsOf(nodes, edges, passages, flow) {
  const paths = new Map()
  const ports = flow === 'free' ? undefined : portsOf(nodes, edges, passages, flow)
  for (const { key, from, to } of edges) {
    if (from === to) paths.set(key, loop(from))
    else if (ports === undefined || to.rank <= from.rank) paths.set(key, arc(from, to))
    else paths.set(key, stream(ports.get(`${key} out`), passages.get(key), ports.get(`${key} in`), flow))
  }
  return paths
}

/** Calls leave and reach a node beside each other, in the order in which they lie. */
function portsOf(nodes, edges, passages, flow) {
  const [along, across] = flow === 'down' ? ['y', 'x'] : ['x', 'y']
  const [length, breadth] = flow === 'down' ? ['height', 'width'] : ['width', 'height']
  const ports = new Map()
  const forward = edges.filter(({ from, to }) => to.rank > from.rank)
  for (const node of nodes) {
    for (const side of ['in', 'out']) {
      const mine = forward.filter(({ from, to }) => (side === 'in' ? to : from) === node)
      const other = ({ key, from, to }) => {
        const between = passages.get(key)
        return (side === 'in' ? (between.at(-1) ?? from) : (between[0] ?? to))[across]
      }
      mine.sort((a, b) => other(a) - other(b))
      const gap = Math.min(PORT, (node[breadth] - 16) / mine.length)
      for (const [i, { key }] of mine.entries()) {
        const border = side === 'in' ? -node[length] / 2 - ARROW : node[length] / 2
        ports.set(`${key} ${side}`, {
          [along]: node[along] + border,
          [across]: node[across] + (i - (mine.length - 1) / 2) * gap,
        })
      }
    }
  }
  return ports
}

function stream(start, passages, end, flow) {
  const points = [start, ...passages, end]
  let d = `M${at(start)}`
  for (const [i, b] of points.slice(1).entries()) {
    const a = points[i]
    const control =
      flow === 'down'
        ? [
            { x: a.x, y: (a.y + b.y) / 2 },
            { x: b.x, y: (a.y + b.y) / 2 },
          ]
        : [
            { x: (a.x + b.x) / 2, y: a.y },
            { x: (a.x + b.x) / 2, y: b.y },
          ]
    d += `C${at(control[0])} ${at(control[1])} ${at(b)}`
  }
  if (passages.length > 0) return { d, ...middle(passages) }
  return { d, x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 }
}

function middle(points) {
  const { x, y } = points[Math.floor(points.length / 2)]
  return { x, y }
}

/** Both directions between two nodes bend to their own side. */
function arc(from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const length = Math.hypot(dx, dy) || 1
  const bend = to.rank < from.rank ? 60 : 16
  const turn = {
    x: (from.x + to.x) / 2 + (dy / length) * bend,
    y: (from.y + to.y) / 2 - (dx / length) * bend,
  }
  const [a, b] = [border(from, turn, 0), border(to, turn, ARROW)]
  return {
    d: `M${at(a)}Q${at(turn)} ${at(b)}`,
    x: (a.x + 2 * turn.x + b.x) / 4,
    y: (a.y + 2 * turn.y + b.y) / 4,
  }
}

/** A service that calls itself. */
function loop({ x, y, width, height }) {
  const [a, b, top] = [x + width / 2 - 40, x + width / 2 - 16, y - height / 2]
  return {
    d: `M${a} ${top}C${a} ${top - 30} ${b} ${top - 30} ${b} ${top - ARROW}`,
    x: (a + b) / 2,
    y: top - 26,
  }
}

function border({ x, y, width, height }, towards, gap) {
  const [dx, dy] = [towards.x - x, towards.y - y]
  const scale = Math.min(
    (width / 2 + gap) / Math.abs(dx || 1e-6),
    (height / 2 + gap) / Math.abs(dy || 1e-6),
    1,
  )
  return { x: x + dx * scale, y: y + dy * scale }
}

function at({ x, y }) {
  return `${round(x)} ${round(y)}`
}

export function round(value) {
  return Math.round(value * 10) / 10
}

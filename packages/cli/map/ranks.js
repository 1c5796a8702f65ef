/** In which column a service stands: the longest way of calls that leads to it, not counting those that go round in a circle. */
export function ranksOf(services, edges) {
  const ranks = new Map(services.map(({ key }) => [key, 0]))
  const order = orderOf(services, edges)
  const position = new Map(order.map((key, i) => [key, i]))
  const forward = edges
    .map(({ row }) => [String(row.from), String(row.to)])
    .filter(([from, to]) => position.get(from) < position.get(to))
  for (const key of order) {
    for (const [from, to] of forward)
      if (from === key) ranks.set(to, Math.max(ranks.get(to), ranks.get(key) + 1))
  }
  return ranks
}

/** Callers before those that they call: the reverse order in which a walk along the calls is done with them. */
function orderOf(services, edges) {
  const targets = new Map(services.map(({ key }) => [key, []]))
  const called = new Set()
  for (const { row } of edges) {
    targets.get(String(row.from))?.push(String(row.to))
    if (row.from !== row.to) called.add(String(row.to))
  }
  const done = []
  const seen = new Set()
  const visit = (key) => {
    if (seen.has(key) || !targets.has(key)) return
    seen.add(key)
    for (const next of targets.get(key)) visit(next)
    done.push(key)
  }
  // Those that nobody calls come first.
  const keys = services.map(({ key }) => key)
  for (const key of [...keys.filter((key) => !called.has(key)), ...keys]) visit(key)
  return done.reverse()
}

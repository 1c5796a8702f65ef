// What the server sends: flat rows by a key, whole at first, then as patches of fields. `feed.ts` and `rows.ts` make them.

/** So many seconds of a service's rate are drawn. */
const HISTORY = 60

export class Store {
  rows = new Map()
  /** The rates of each service, the newest last. */
  history = new Map()

  snapshot(rows) {
    this.rows = new Map(Object.entries(rows))
    this.history.clear()
    this.#remember()
  }

  patch(patch) {
    for (const [key, change] of Object.entries(patch)) {
      if (change === null) this.rows.delete(key)
      else this.rows.set(key, merged(this.rows.get(key), change))
    }
    this.#remember()
  }

  get headline() {
    return this.rows.get('h') ?? { level: 'none', words: 'Waiting for the network …', more: [] }
  }

  /** Rows of a kind, each with its key: `s` services, `i` instances, `e` calls, `t` what happened. */
  all(kind) {
    const found = []
    for (const [key, row] of this.rows) if (key.startsWith(`${kind}:`)) found.push({ key: key.slice(2), row })
    return found
  }

  /** Services with their instances. The callers without a service are not among them. */
  services() {
    const services = new Map()
    for (const { key, row } of this.all('s')) {
      if (key !== '0')
        services.set(Number(key), { key, row, instances: [], history: this.history.get(key) ?? [] })
    }
    for (const { key, row } of this.all('i')) services.get(row.of)?.instances.push({ key, row })
    for (const { instances } of services.values()) instances.sort(byName)
    return [...services.values()]
  }

  has(service) {
    return this.rows.has(`s:${service}`)
  }

  nameOf(key) {
    return this.rows.get(`s:${key}`)?.name || 'Callers without a service'
  }

  #remember() {
    for (const { key, row } of this.all('s')) {
      if (row.rate === undefined) continue
      this.history.set(key, [...(this.history.get(key) ?? []), row.rate].slice(-HISTORY))
    }
    for (const key of this.history.keys()) if (!this.rows.has(`s:${key}`)) this.history.delete(key)
  }
}

/** Another object, so that who drew the row before sees that it is new. */
function merged(row, change) {
  const after = { ...row, ...change }
  for (const field of Object.keys(after)) if (after[field] === null) delete after[field]
  return after
}

const ORDER = ['bad', 'note', 'good', 'none']

/** Trouble first, then by name. */
export function byTrouble(a, b) {
  return ORDER.indexOf(a.row.level) - ORDER.indexOf(b.row.level) || byName(a, b)
}

export function byName(a, b) {
  return a.row.name.localeCompare(b.row.name, 'en', { numeric: true })
}

/** The most first. What has no figure comes last. */
export function byMost(field) {
  return (a, b) => (b.row[field] ?? -1) - (a.row[field] ?? -1) || byName(a, b)
}

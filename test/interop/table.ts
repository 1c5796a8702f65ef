/** What has passed, by case, network and direction: printed when all is over. */

const networks = ['loopback', 'veth'] as const
const directions = ['Go → Node', 'Node → Go'] as const

export type NetworkName = (typeof networks)[number]
export type Direction = (typeof directions)[number]

interface Cell {
  passed: number
  failed: number
  notes: string[]
}

export class Table {
  readonly #rows: Map<string, Map<string, Cell>>

  constructor(rows: string[]) {
    this.#rows = new Map(rows.map((name) => [name, new Map()]))
  }

  record(name: string, network: NetworkName, direction: Direction, passed: boolean, notes: string[]): void {
    const row = this.#rows.get(name)
    if (row === undefined) throw new Error(`no row "${name}"`)
    const column = columnOf(network, direction)
    const cell = row.get(column) ?? { passed: 0, failed: 0, notes: [] }
    row.set(column, cell)
    if (passed) cell.passed += 1
    else cell.failed += 1
    cell.notes.push(...notes)
  }

  /** Each cell counts the pairings (frameworks, or functions of the caller) that the case was put to. */
  toString(): string {
    const columns = networks.flatMap((network) => directions.map((direction) => columnOf(network, direction)))
    const notes: string[] = []
    const lines = [...this.#rows].map(([name, row]) => {
      const cells = columns.map((column) => {
        const cell = row.get(column)
        if (cell === undefined) return '-'
        const marks = cell.notes.map((note) => `[${notes.push(`${name}, ${column}: ${note}`)}]`)
        const result =
          cell.failed > 0 ? `${cell.failed} FAILED` : cell.passed > 1 ? `ok ×${cell.passed}` : 'ok'
        return [result, ...marks].join(' ')
      })
      return [name, ...cells]
    })
    const numbered = notes.map((note, at) => `[${at + 1}] ${note}`)
    return [...layOut([['case', ...columns], ...lines]), '', ...numbered].join('\n')
  }
}

function columnOf(network: NetworkName, direction: Direction): string {
  return `${network} ${direction}`
}

function layOut(rows: string[][]): string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? []
  return rows.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

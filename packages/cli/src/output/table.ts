import { word } from './text.js'

export interface Column {
  readonly title: string
  /** Numbers are right-aligned. */
  readonly align?: 'right'
}

/** Changes the look of a cell that has its width already, so that colours move no column. */
export type Dress = (cell: string, row: number, column: number) => string

/**
 * Lines of a table, its titles first. Each cell is one word, two spaces apart from the next, and `-` where there is nothing:
 * `awk '{ print $2 }'` finds the second column.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  dress: Dress = (cell) => cell,
): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(word))]
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => lengthOf(row[column] ?? '-'))))
  return cells.map((row, index) => {
    const last = columns.length - 1
    const line = columns.map(({ align }, column) => {
      const cell = row[column] ?? '-'
      const pad = ' '.repeat((widths[column] ?? 0) - lengthOf(cell))
      const dressed = dress(cell, index - 1, column)
      if (align === 'right') return pad + dressed
      return column === last ? dressed : dressed + pad
    })
    return line.join('  ')
  })
}

const segments = new Intl.Segmenter()

/** The number of characters as people count them. */
function lengthOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  return /^[\x00-\x7f]*$/.test(text) ? text.length : [...segments.segment(text)].length
}

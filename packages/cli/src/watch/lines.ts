import type { DownReason, Instance } from '@sleuth/core'
import { word } from '../output/text.js'

/** An instance came or went. */
export interface Change {
  readonly time: Date
  readonly event: 'up' | 'down'
  readonly service: string
  readonly instance: Instance
  readonly reason?: DownReason | undefined
}

const titles = ['TIME', 'EVENT', 'SERVICE', 'INSTANCE', 'VERSION', 'ENDPOINT', 'REASON']

/** Lines of a table that has no end: a column becomes wider when a cell needs it, and never narrower. */
export class Lines {
  readonly #widths = [12, 5, 16, 8, 7, 22, 0]

  titles(): string {
    return this.#line(titles)
  }

  of({ time, event, service, instance, reason }: Change, dress: (event: string) => string): string {
    const { name, version, endpoint } = instance
    const cells = [clock(time), event, service, name, version, endpoint, reason ?? ''].map(word)
    // A colour has characters, and no width.
    return this.#line(cells, (cell, column) => (column === 1 ? dress(cell) : cell))
  }

  #line(cells: readonly string[], dress: (cell: string, column: number) => string = (cell) => cell): string {
    return cells
      .map((cell, column) => {
        const width = Math.max(this.#widths[column] ?? 0, cell.length)
        this.#widths[column] = width
        return dress(cell, column) + (column === cells.length - 1 ? '' : ' '.repeat(width - cell.length))
      })
      .join('  ')
  }
}

export function jsonOf({ time, event, service, instance, reason }: Change): object {
  return { time: time.toISOString(), event, service, ...instance, reason }
}

/** `09:05:01.250`, by the clock of this host. */
function clock(time: Date): string {
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  )
  return `${hours}:${minutes}:${seconds}.${String(time.getMilliseconds()).padStart(3, '0')}`
}

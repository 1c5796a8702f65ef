import type { Io } from '../command.js'

/** A screen that is drawn again and again. In a pipe each picture follows the one before, after an empty line. */
export interface Screen {
  draw(lines: readonly string[]): void
  /** Gives the terminal back. The last picture stays. */
  close(): void
}

export function openScreen({ stdout, isTTY, columns, style }: Io): Screen {
  if (!isTTY) return toPipe(stdout)
  let last: readonly string[] = []
  const shown = (lines: readonly string[]) =>
    lines.map((line, row) => (row === 0 ? style('bold', line.slice(0, columns)) : line.slice(0, columns)))
  stdout.write(ALTERNATE_SCREEN)
  return {
    draw(lines) {
      last = lines
      const { rows = 24 } = stdout as { rows?: number }
      const fits =
        lines.length < rows ? lines : [...lines.slice(0, rows - 2), `${lines.length - rows + 2} more`]
      stdout.write(`${HOME}${shown(fits).join(`${REST_OF_LINE}\r\n`)}${REST_OF_LINE}${REST_OF_SCREEN}`)
    },
    close() {
      stdout.write(`${MAIN_SCREEN}${shown(last).join('\n')}\n`)
    },
  }
}

function toPipe(stdout: Io['stdout']): Screen {
  let drawn = 0
  return {
    draw(lines) {
      stdout.write(`${drawn++ === 0 ? '' : '\n'}${lines.join('\n')}\n`)
    },
    close() {},
  }
}

// Control sequences of xterm, which all terminals of today know.
const ALTERNATE_SCREEN = '\u001b[?1049h\u001b[?25l'
const MAIN_SCREEN = '\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const REST_OF_LINE = '\u001b[K'
const REST_OF_SCREEN = '\u001b[J'

import type { Io } from '../command.js'
import { jsonLine, plain } from '../output/text.js'
import { wrap } from '../output/wrap.js'
import { count, type Finding, type Status } from './check.js'
import { signsFor } from './marks.js'

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const

/** Prints findings as they come: a sign, the name of the check, what was seen, and what to do. */
export class Printer {
  readonly #io: Io
  readonly #signs: Record<Status, string>
  readonly #nameWidth: number
  readonly #counts: Record<Status, number> = { ok: 0, warn: 0, fail: 0 }

  constructor(io: Io, names: readonly string[]) {
    this.#io = io
    this.#signs = signsFor(io.env, process.platform)
    this.#nameWidth = Math.max(...names.map(({ length }) => length))
  }

  /** 0: all is well; 1: warnings; 2: failures. */
  get exitCode(): number {
    if (this.#counts.fail > 0) return 2
    return this.#counts.warn > 0 ? 1 : 0
  }

  print(check: string, findings: readonly Finding[]): void {
    for (const { status, text, remedy } of findings) {
      this.#counts[status]++
      if (this.#io.json) this.#io.stdout.write(jsonLine({ check, status, text, remedy }))
      else this.#printText(check, status, text, remedy)
    }
  }

  end(): void {
    const { warn, fail } = this.#counts
    if (this.#io.json) return
    const parts = [
      ...(fail > 0 ? [count(fail, 'failure')] : []),
      ...(warn > 0 ? [count(warn, 'warning')] : []),
    ]
    this.#line('')
    this.#line(parts.length > 0 ? `${parts.join(', ')}.` : 'All is well.')
  }

  #printText(check: string, status: Status, text: string, remedy: string | undefined): void {
    const sign = this.#io.style(COLOURS[status], this.#signs[status])
    const head = `${this.#signs[status]} ${check.padEnd(this.#nameWidth)}  `
    const indent = ' '.repeat(head.length)
    const width = this.#io.isTTY ? Math.max(20, this.#io.columns - head.length) : Number.POSITIVE_INFINITY
    const [first = '', ...more] = wrap(plain(text), width)
    this.#line(`${sign}${head.slice(this.#signs[status].length)}${first}`)
    for (const line of more) this.#line(indent + line)
    if (remedy === undefined) return
    // One that stands alone is easier to find.
    for (const [at, line] of wrap(plain(remedy), width - 3).entries()) {
      this.#line(`${indent}${at === 0 ? '-> ' : '   '}${this.#io.style('bold', line)}`)
    }
  }

  #line(text: string): void {
    this.#io.stdout.write(`${text}\n`)
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Arguments, Io } from '../command.js'
import { readDuration } from '../command-line/duration.js'
import { connect } from '../connect.js'
import { exit } from '../exit-codes.js'
import type { NetworkValues } from '../options.js'
import { tableLines } from '../output/table.js'
import { jsonLine } from '../output/text.js'
import { UsageError } from '../usage-error.js'
import { ask } from './ask.js'
import { nobody, unmet } from './notes.js'
import { cellsOf, columnsOf, jsonOf, type Row, rowsOf } from './rows.js'

interface Given extends Pick<Arguments, 'positionals'> {
  readonly values: Partial<NetworkValues> & { readonly wait: string }
}

/** What `sleuth ls` does. */
export async function list({ values, positionals }: Given, io: Io): Promise<number> {
  const [service, ...others] = positionals
  if (others.length > 0) throw new UsageError(`ls takes one service at most, and not "${others[0]}"`)
  const wait = readDuration('--wait', values.wait)
  const sleuth = await connect(values, io)
  try {
    await sleep(wait, undefined, { signal: io.signal })
    const rows = await ask(sleuth, rowsOf(sleuth.services(), service), io.signal)
    print(rows, io)
    if (rows.length === 0) io.stderr.write(`${nobody(service, values.wait)}\n`)
    for (const line of unmet(sleuth.peers())) io.stderr.write(`${line}\n`)
    return rows.length === 0 && service !== undefined ? exit.unknownService : exit.ok
  } finally {
    await sleuth.close()
  }
}

function print(rows: readonly Row[], { stdout, style, json }: Io): void {
  const now = Date.now()
  if (json) {
    for (const row of rows) stdout.write(jsonLine(jsonOf(row, now)))
    return
  }
  const cells = rows.map((row) => cellsOf(row, now))
  const lines = tableLines(columnsOf(rows), cells, (cell, row) => (row === -1 ? style('bold', cell) : cell))
  if (rows.length > 0) stdout.write(`${lines.join('\n')}\n`)
}

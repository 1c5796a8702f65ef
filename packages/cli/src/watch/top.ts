import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sleuth } from '@sleuth/core'
import type { Io } from '../command.js'
import { type Row, rowsOf } from '../ls/rows.js'
import { tableLines } from '../output/table.js'
import { jsonLine } from '../output/text.js'
import { Window } from '../samples/figures.js'
import { readSample } from '../samples/sample.js'
import { cellsOf, columns, type Rates, ratesOf } from './rates.js'
import { openScreen } from './screen.js'

/** Rates and times are of so many milliseconds, as on the map. */
const WINDOW_MS = 10_000

/** What `sleuth watch --top` does, until the signal aborts. */
export async function top(sleuth: Sleuth, only: string | undefined, interval: number, io: Io): Promise<void> {
  const screen = io.json ? undefined : openScreen(io)
  let windows = new Map<string, Window>()
  try {
    while (!io.signal.aborted) {
      const next = sleep(interval, undefined, { signal: io.signal })
      next.catch(() => {})
      const rows = rowsOf(sleuth.services(), only)
      const old = windows
      windows = new Map(rows.map(({ instance: { id } }) => [id, old.get(id) ?? new Window(WINDOW_MS)]))
      const silent = await ask(sleuth, rows, windows, io.signal)
      if (io.signal.aborted) return
      const rates = rows.map(({ service, instance: { id, name } }) =>
        ratesOf({ service, name, id }, windows.get(id) as Window),
      )
      if (screen === undefined) print(rates, io)
      else if (rates.length > 0 || old.size > 0) screen.draw(picture(rates, silent))
      await next.catch(() => {})
    }
  } finally {
    screen?.close()
  }
}

/** Asks every instance how it does, all at the same time. Resolves to how many did not tell. */
async function ask(
  sleuth: Sleuth,
  rows: readonly Row[],
  windows: ReadonlyMap<string, Window>,
  signal: AbortSignal,
): Promise<number> {
  const told = await Promise.all(
    rows.map(async ({ instance: { id } }) => {
      const report = await sleuth.inspect(id, 'stats', { signal }).catch(() => undefined)
      if (report === undefined) return false
      windows.get(id)?.add(readSample(report, performance.now()))
      return true
    }),
  )
  return told.filter((each) => !each).length
}

function picture(rates: readonly Rates[], silent: number): string[] {
  const lines = tableLines(columns, rates.map(cellsOf))
  if (silent === 0) return lines
  const who = silent === 1 ? '1 instance tells' : `${silent} instances tell`
  return [...lines, `${who} nothing: sleuth in Go, or the option introspection does not allow it.`]
}

function print(rates: readonly Rates[], { stdout }: Io): void {
  const time = new Date().toISOString()
  for (const each of rates) stdout.write(jsonLine({ time, ...each }))
}

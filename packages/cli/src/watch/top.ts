import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sleuth } from '@sleuth/core'
import type { Io } from '../command.js'
import { type Row, rowsOf } from '../ls/rows.js'
import { tableLines } from '../output/table.js'
import { cellsOf, columns, type Rates, ratesOf, type Sample } from './rates.js'
import { openScreen } from './screen.js'

/** What `sleuth watch --top` does, until the signal aborts. */
export async function top(sleuth: Sleuth, only: string | undefined, interval: number, io: Io): Promise<void> {
  const screen = io.json ? undefined : openScreen(io)
  let before = new Map<string, Sample>()
  try {
    while (!io.signal.aborted) {
      const next = sleep(interval, undefined, { signal: io.signal })
      next.catch(() => {})
      const samples = await ask(sleuth, rowsOf(sleuth.services(), only), io.signal)
      if (io.signal.aborted) return
      const rates = samples.map((sample) => ratesOf(sample, before.get(sample.id)))
      if (screen === undefined) print(rates, io)
      else if (rates.length > 0 || before.size > 0) screen.draw(picture(rates, samples))
      before = new Map(samples.map((sample) => [sample.id, sample]))
      await next.catch(() => {})
    }
  } finally {
    screen?.close()
  }
}

/** Asks every instance how it does, all at the same time. */
function ask(sleuth: Sleuth, rows: readonly Row[], signal: AbortSignal): Promise<Sample[]> {
  return Promise.all(
    rows.map(async ({ service, instance: { id, name } }) => {
      const report = await sleuth.inspect(id, 'stats', { signal }).catch(() => undefined)
      return { service, name, id, at: performance.now(), report }
    }),
  )
}

function picture(rates: readonly Rates[], samples: readonly Sample[]): string[] {
  const lines = tableLines(columns, rates.map(cellsOf))
  const silent = samples.filter(({ report }) => report === undefined).length
  if (silent === 0) return lines
  const who = silent === 1 ? '1 instance tells' : `${silent} instances tell`
  return [...lines, `${who} nothing: sleuth in Go, or the option introspection does not allow it.`]
}

function print(rates: readonly Rates[], { stdout }: Io): void {
  const time = new Date().toISOString()
  for (const each of rates) stdout.write(`${JSON.stringify({ time, ...each })}\n`)
}

import { performance } from 'node:perf_hooks'
import type { Sleuth } from '@sleuth/core'
import type { Row } from './rows.js'

/** The longest time for an answer. A node that can't tell, such as one in Go, is not asked. */
const TIMEOUT_MS = 1000

/** Asks every instance who it is, all at the same time. What does not answer, or refuses, stays as it is. */
export function ask(sleuth: Sleuth, rows: readonly Row[], signal: AbortSignal): Promise<Row[]> {
  return Promise.all(
    rows.map(async (row) => {
      const asked = performance.now()
      try {
        const info = await sleuth.inspect(row.instance.id, 'info', { timeout: TIMEOUT_MS, signal })
        return { ...row, asked: { rtt: performance.now() - asked, started: textOf(info.started) } }
      } catch (error) {
        if (signal.aborted) throw error
        return row
      }
    }),
  )
}

/** A report is what another node wrote: a field may be anything. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

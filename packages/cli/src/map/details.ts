import { readInfo, readLinks, readStats } from './reports.js'
import type { MapSource } from './source.js'

/** Milliseconds. */
const TIMEOUT = 2000

const SUBJECTS = ['info', 'stats', 'links'] as const

/** What one instance tells of itself, or why it does not: `{ info: { report } | { why }, … }`. Never rejects. */
export async function detailsOf(source: MapSource, id: string): Promise<Record<string, unknown>> {
  const answers = await Promise.all(
    SUBJECTS.map(async (subject) => [subject, await answer(source, id, subject)]),
  )
  return Object.fromEntries(answers) as Record<string, unknown>
}

async function answer(source: MapSource, id: string, subject: (typeof SUBJECTS)[number]): Promise<unknown> {
  try {
    return { report: await ask(source, id, subject) }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) }
  }
}

async function ask(source: MapSource, id: string, subject: (typeof SUBJECTS)[number]): Promise<unknown> {
  const init = { timeout: TIMEOUT }
  if (subject === 'info') return readInfo(await source.inspect(id, 'info', init))
  if (subject === 'stats') return readStats(await source.inspect(id, 'stats', init))
  return readLinks(await source.inspect(id, 'links', init))
}

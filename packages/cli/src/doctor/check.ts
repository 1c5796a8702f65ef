import type { Context } from './context.js'

/** `warn`: it may be meant so. `fail`: services can't meet because of it. */
export type Status = 'ok' | 'warn' | 'fail'

export interface Finding {
  readonly status: Status
  /** What was seen: one sentence. */
  readonly text: string
  /** What to do: one sentence. */
  readonly remedy?: string | undefined
}

/** Looks at one thing. It knows the machine and the network by its context alone. */
export interface Check {
  readonly name: string
  /** No finding: there is nothing of the kind here. */
  run(context: Context): Promise<Finding[]>
}

export const ok = (text: string): Finding => ({ status: 'ok', text })
export const warn = (text: string, remedy: string): Finding => ({ status: 'warn', text, remedy })
export const fail = (text: string, remedy: string): Finding => ({ status: 'fail', text, remedy })

/** Findings with the same remedy that are all told. */
const MAX_ALIKE = 5

/** The same findings, but of many with one remedy the number of those beyond the first few. */
export function summed(findings: readonly Finding[], noun: string): Finding[] {
  const alike = new Map<string | undefined, Finding[]>()
  for (const finding of findings) alike.set(finding.remedy, [...(alike.get(finding.remedy) ?? []), finding])
  return [...alike.values()].flatMap((those) => {
    const [first] = those
    const more = those.length - MAX_ALIKE
    if (first === undefined || more <= 0) return those
    const text = `${count(more, `more ${noun}`)} ${more === 1 ? 'has' : 'have'} the same problem`
    return [...those.slice(0, MAX_ALIKE), { ...first, text }]
  })
}

/** "one node", "3 nodes". */
export function count(number: number, noun: string): string {
  return number === 1 ? `one ${noun}` : `${number} ${noun}s`
}

/** The first few of a list, for a sentence. */
export function some(items: readonly string[], most = 4): string {
  const shown = items.slice(0, most).join(', ')
  return items.length > most ? `${shown} and ${items.length - most} more` : shown
}

import type { Answer, Request } from './message.js'

export type Framework = 'express' | 'fastify' | 'koa' | 'hono'

/** What one run of a case knows: a token of its own, to keep counters in the app apart, and the answers so far. */
export interface Run {
  readonly id: string
  readonly answers: readonly Answer[]
}

export type Step = Request | ((run: Run) => Request)

/** The status of each step, for every framework or for each; `cut`: the reply has to break off. */
export type Expected = Status | readonly Status[] | Readonly<Record<Framework, Status | readonly Status[]>>
export type Status = number | 'cut'

export interface Case {
  readonly name: string
  readonly steps: readonly Step[]
  /** Two equal failures would prove nothing, so each case says what has to come. */
  readonly status: Expected
  /** More that the answers must satisfy, on whatever wire. */
  readonly check?: (answers: readonly Answer[], framework: Framework) => void
  /** Blanks what has to differ from run to run: a session id, the seconds until a limit resets. */
  readonly blank?: (answer: Answer) => Answer
  /** A difference that remains on a wire that carries whole replies only: why, and what has to come instead. */
  readonly whole?: Difference
  /** The same, on each of sleuth's wires. */
  readonly sleuth?: Difference
  /** What comes over HTTP is right, whatever the case says. */
  readonly asHttp?: boolean
  /** The path is not one that `fetch` leaves as it is. */
  readonly exactPath?: boolean
}

export interface Difference {
  readonly why: string
  readonly check: (answers: readonly Answer[], reference: readonly Answer[], framework: Framework) => void
}

export interface Group {
  readonly name: string
  readonly cases: readonly Case[]
}

export function group(name: string, cases: readonly (Case | readonly Case[])[]): Group {
  return { name, cases: cases.flat() as Case[] }
}

type More = Omit<Case, 'name' | 'steps' | 'status'>

/** A case of one step, or of several. */
export function test(name: string, status: Expected, steps: Step | readonly Step[], more: More = {}): Case {
  return { name, status, steps: Array.isArray(steps) ? steps : [steps as Step], ...more }
}

export function expected(status: Expected, framework: Framework, step: number): Status | undefined {
  const own =
    typeof status === 'object' && !Array.isArray(status)
      ? (status as Readonly<Record<Framework, Status | readonly Status[]>>)[framework]
      : (status as Status | readonly Status[])
  return typeof own === 'object' ? own[step] : own
}

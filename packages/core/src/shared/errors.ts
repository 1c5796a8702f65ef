import { codeTable, type SleuthErrorCode } from './error-codes.js'
import { plain } from './names.js'

const brand = Symbol.for('sleuth.error')

export interface SleuthErrorOptions {
  /** Overrides the trace, which is else the code's own number. */
  codes?: readonly number[] | undefined
  retryable?: boolean | undefined
  mayHaveRun?: boolean | undefined
  cause?: unknown
}

/** Every error that comes from sleuth. */
export class SleuthError extends Error {
  override readonly name = 'SleuthError'
  /** What went wrong, by name: `docs/errors.md` has them all. */
  readonly code: SleuthErrorCode
  /** Go sleuth's trace: numbers, the cause first. */
  readonly codes: number[]
  /** The same call may be made again: it either did not run, or may run twice without harm. */
  readonly retryable: boolean
  /** The request may have reached a handler. */
  readonly mayHaveRun: boolean

  constructor(code: SleuthErrorCode, message: string, options: SleuthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.codes = [...(options.codes ?? [codeTable[code].number])]
    this.retryable = options.retryable ?? false
    this.mayHaveRun = options.mayHaveRun ?? false
  }

  /** Adds to the trace what failed because of this, as Go's `escalate`. */
  escalate(...codes: SleuthErrorCode[]): this {
    for (const code of codes) this.codes.push(codeTable[code].number)
    return this
  }

  /** Recognises the errors of another copy of this package too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false
    // A subclass inherits this, and is not recognised by the brand of its parent.
    // biome-ignore lint/complexity/noThisInStatic: it is the subclass, where there is one
    if (this !== SleuthError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return brand in value
  }
}

Object.defineProperty(SleuthError.prototype, brand, { value: true })

/** What a line of the log about an error has as fields. */
const details = new WeakMap<SleuthError, object>()

export function detailsOf(error: SleuthError): object | undefined {
  return details.get(error)
}

/**
 * Makes an error whose sentence is the code's own, with `{name}` filled in from `values`. Those that the sentence does not
 * name are fields of the line in the log.
 */
export function sleuthError(
  code: SleuthErrorCode,
  values: Readonly<Record<string, string | number>> = {},
  options?: SleuthErrorOptions,
): SleuthError {
  const fields = { ...values }
  const sentence = codeTable[code].says.replace(/\{([a-z]{1,20})\}/gi, (_, name: string) => {
    delete fields[name]
    return plain(String(values[name]))
  })
  const error = new SleuthError(code, sentence, options)
  if (Object.keys(fields).length > 0) details.set(error, fields)
  return error
}

/** Runs `action`, and adds `code` to the trace of the error that it throws. */
export function escalating<T>(code: SleuthErrorCode, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw error instanceof SleuthError ? error.escalate(code) : error
  }
}

/** What an unknown thrown value says. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

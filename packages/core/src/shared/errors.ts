import { type CodeRow, codeTable, type SleuthErrorCode } from './error-codes.js'
import { plain } from './names.js'

const brand = Symbol.for('sleuth.error')

export interface SleuthErrorOptions {
  /** Replaces the trace. Default: the code's own number. */
  codes?: readonly number[] | undefined
  retryable?: boolean | undefined
  mayHaveRun?: boolean | undefined
  cause?: unknown
}

/** An error that comes from sleuth. `docs/errors.md` lists all codes. */
export class SleuthError extends Error {
  override readonly name = 'SleuthError'
  /** The name of the fault, such as `SLEUTH_UNKNOWN_SERVICE`. */
  readonly code: SleuthErrorCode
  /** Go sleuth's trace: a list of numbers, the cause first. */
  readonly codes: number[]
  /** True: you may make the same call again. It did not run, or may run twice without harm (RFC 9110 section 9.2.2). */
  readonly retryable: boolean
  /** True: the request may have reached a handler. */
  readonly mayHaveRun: boolean
  /**
   * The status that a gateway would answer with (RFC 9110 section 15.6), by which Fastify, Express and Koa answer when a handler
   * throws the error: 503 where no instance takes the request, 504 for a timeout, 502 for a response that broke off or can't be
   * read, else 500.
   */
  readonly statusCode: number

  constructor(code: SleuthErrorCode, message: string, options: SleuthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.codes = [...(options.codes ?? [codeTable[code].number])]
    this.retryable = options.retryable ?? false
    this.mayHaveRun = options.mayHaveRun ?? false
    this.statusCode = (codeTable[code] as CodeRow).status ?? 500
  }

  /** Adds to the trace what failed because of this error, as Go's `escalate` does. */
  escalate(...codes: SleuthErrorCode[]): this {
    for (const code of codes) this.codes.push(codeTable[code].number)
    return this
  }

  /** `instanceof` also recognises the errors of another copy of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false
    // A subclass inherits this method. The brand of its parent does not make a value one of the subclass.
    // biome-ignore lint/complexity/noThisInStatic: it is the subclass, where there is one
    if (this !== SleuthError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return brand in value
  }
}

Object.defineProperty(SleuthError.prototype, brand, { value: true })

/** The fields of the log line about an error. */
const details = new WeakMap<SleuthError, object>()

export function detailsOf(error: SleuthError): object | undefined {
  return details.get(error)
}

/**
 * Makes an error with the sentence of its code. `values` fill in each `{name}`. A value that the sentence does not name
 * becomes a field of the log line.
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

/** The message of anything that was thrown. An object may have no text, and a message may be any value. */
export function reasonOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return 'a value that has no text'
  }
}

import { ZreError } from '../error.js'
import type { Logger } from '../types.js'
import type { PublicKey } from '../wire/key.js'
import type { AllowList } from './allow-list.js'
import { readKeys, unusable } from './key-file.js'
import { withTimeout } from './timeout.js'

/** Milliseconds between two readings, */
const READ_MS = 1000
/** until a reading has failed that does not end (a network file system whose server is gone), */
export const MAX_READ_MS = 5000
/** between two lines in the log while readings fail, */
const LINE_MS = 60_000
/** and for which the last good list counts. Without a limit, whoever blocks the file could keep a stolen key in it. */
export const MAX_STALE_MS = 600_000
/** A reading that hangs holds one of the four threads that Node reads files with: two must stay free for the application. */
const MAX_READINGS = 2

export type Read = (path: string) => Promise<ReadonlySet<PublicKey>>

/**
 * The keys in a file or directory. It is read again each time, and not watched: that works on every file system, for links
 * that change and for mounted volumes.
 */
export class FileAllowList implements AllowList {
  readonly interval = READ_MS
  readonly #path: string
  readonly #logger: Logger
  readonly #onChange: () => void
  readonly #read: Read
  #keys: ReadonlySet<PublicKey> = new Set()
  /** When the list was last read, and when a failure was last told. */
  #readAt = performance.now()
  #toldAt: number | undefined
  /** Readings under way, those that were given up among them. */
  #readings = 0

  private constructor(path: string, logger: Logger, onChange: () => void, read: Read) {
    this.#path = path
    this.#logger = logger
    this.#onChange = onChange
    this.#read = read
  }

  static async open(path: string, logger: Logger, onChange: () => void, read: Read = readKeys) {
    const list = new FileAllowList(path, logger, onChange, read)
    try {
      list.#keys = await list.#readInTime()
    } catch (error) {
      throw error instanceof ZreError ? error : unusable(path, (error as Error).message, error)
    }
    return list
  }

  verdict(key: PublicKey): boolean {
    return this.#keys.has(key)
  }

  async ask(key: PublicKey): Promise<boolean> {
    return this.#keys.has(key)
  }

  async refresh(): Promise<void> {
    try {
      const keys = await this.#readInTime()
      this.#readAt = performance.now()
      if (this.#toldAt !== undefined) {
        this.#logger.info({ path: this.#path }, 'zre: the list of allowed keys can be read again')
      }
      this.#toldAt = undefined
      this.#change(keys)
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #readInTime(): Promise<ReadonlySet<PublicKey>> {
    if (this.#readings >= MAX_READINGS) {
      return Promise.reject(new Error(`${MAX_READINGS} readings of ${this.#path} have not ended`))
    }
    this.#readings++
    const reading = this.#read(this.#path).finally(() => this.#readings--)
    return withTimeout(reading, MAX_READ_MS)
  }

  #change(keys: ReadonlySet<PublicKey>): void {
    if (same(keys, this.#keys)) return
    this.#keys = keys
    this.#logger.info({ path: this.#path, keys: keys.size }, 'zre: the list of allowed keys has changed')
    this.#onChange()
  }

  #fail(error: Error): void {
    const now = performance.now()
    const minutesLeft = Math.ceil((MAX_STALE_MS - (now - this.#readAt)) / 60_000)
    const closed = minutesLeft <= 0
    if (closed) this.#change(new Set())
    if (this.#toldAt !== undefined && now - this.#toldAt < LINE_MS) return
    this.#toldAt = now
    const what = closed
      ? 'nobody is let in until it can'
      : `the last good one counts for ${minutesLeft} more minutes, and then nobody is let in`
    this.#logger.error(
      { err: error, path: this.#path },
      `zre: the list of allowed keys can't be read: ${what}`,
    )
  }
}

function same(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  if (some.size !== others.size) return false
  for (const key of some) if (!others.has(key)) return false
  return true
}

import { ZreError } from '../error.js'
import { Lines } from '../lines.js'
import type { Logger } from '../types.js'
import { isPublicKey, type PublicKey } from '../wire/key.js'
import { readKeys } from './key-list.js'
import type { Allow } from './types.js'

/** Who is let in, as it is now. */
export interface Doorkeeper {
  /** Whether a key is let in; undefined while nobody knows yet. */
  verdict(key: PublicKey): boolean | undefined
  /** The same, once it is known. Never rejects. */
  ask(key: PublicKey): Promise<boolean>
  /** Milliseconds between two calls of `refresh`, if it is to be called. */
  readonly interval: number | undefined
  /** Looks again. When someone of these is perhaps not let in any more, `onChange` is called. */
  refresh(keys: Iterable<PublicKey>): Promise<void>
}

/** Verdicts that are kept: whoever has keys enough can ask for more, so the oldest goes. */
const MOST_VERDICTS = 4096
/** Keys that the function is asked about at a time; others are refused, and come again. */
const MOST_ASKED = 256
/** Milliseconds between two looks at a file or directory, */
const READ_MS = 1000
/** and until a function is asked again about a peer that is present. One that takes longer has failed. */
const ASK_MS = 5000

export async function openDoor(allow: Allow, logger: Logger, onChange: () => void): Promise<Doorkeeper> {
  if (typeof allow === 'function') return new Asking(allow, logger, onChange)
  if (typeof allow === 'string') return new Reading(allow, await readKeys(allow), logger, onChange)
  return new Listed(new Set(allow))
}

export function checkAllow(allow: unknown): Allow {
  if (typeof allow === 'function') return allow as Allow
  if (typeof allow === 'string' && allow !== '') return allow
  if (Array.isArray(allow)) {
    const index = allow.findIndex((key) => typeof key !== 'string' || !isPublicKey(key))
    if (index < 0) return Object.freeze([...allow])
    throw new ZreError('ZRE_KEY', `security.allow[${index}] is no public key (40 characters of Z85)`)
  }
  const problem = 'must be a list of public keys, the path of a file or directory of them, or a function'
  throw new ZreError('ZRE_OPTION', `security.allow ${problem}`)
}

class Listed implements Doorkeeper {
  readonly interval: number | undefined
  protected keys: ReadonlySet<PublicKey>

  constructor(keys: ReadonlySet<PublicKey>) {
    this.keys = keys
  }

  verdict(key: PublicKey): boolean {
    return this.keys.has(key)
  }

  async ask(key: PublicKey): Promise<boolean> {
    return this.keys.has(key)
  }

  async refresh(_keys: Iterable<PublicKey>): Promise<void> {}
}

/** Read again each time, and not watched: that works on every file system, for links that change and for mounted volumes. */
class Reading extends Listed {
  override readonly interval = READ_MS
  readonly #path: string
  readonly #logger: Logger
  readonly #onChange: () => void
  #failing = false

  constructor(path: string, keys: Set<PublicKey>, logger: Logger, onChange: () => void) {
    super(keys)
    this.#path = path
    this.#logger = logger
    this.#onChange = onChange
  }

  override async refresh(): Promise<void> {
    try {
      const keys = await readKeys(this.#path)
      this.#failing = false
      if (same(keys, this.keys)) return
      this.keys = keys
      this.#logger.info({ path: this.#path, keys: keys.size }, 'zre: the list of allowed keys has changed')
      this.#onChange()
    } catch (error) {
      if (!this.#failing) {
        this.#logger.error(
          { err: error },
          'zre: the list of allowed keys is wrong; the last one that was right stays',
        )
      }
      this.#failing = true
    }
  }
}

function same(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  if (some.size !== others.size) return false
  for (const key of some) if (!others.has(key)) return false
  return true
}

/** What a function said of each key, until it is asked again. */
class Asking implements Doorkeeper {
  readonly interval = ASK_MS
  readonly #allow: (publicKey: string) => boolean | Promise<boolean>
  readonly #logger: Logger
  readonly #onChange: () => void
  readonly #verdicts = new Map<PublicKey, boolean>()
  readonly #asked = new Map<PublicKey, Promise<boolean>>()
  readonly #lines = new Lines()

  constructor(
    allow: (publicKey: string) => boolean | Promise<boolean>,
    logger: Logger,
    onChange: () => void,
  ) {
    this.#allow = allow
    this.#logger = logger
    this.#onChange = onChange
  }

  verdict(key: PublicKey): boolean | undefined {
    return this.#verdicts.get(key)
  }

  ask(key: PublicKey): Promise<boolean> {
    if (this.#asked.size < MOST_ASKED || this.#asked.has(key)) return this.#askOnce(key)
    return Promise.resolve(false)
  }

  /** Those who are present don't wait for others. What was said of them before may be forgotten: any no is a change. */
  async refresh(keys: Iterable<PublicKey>): Promise<void> {
    const verdicts = await Promise.all(Array.from(new Set(keys), (key) => this.#askOnce(key)))
    if (verdicts.includes(false)) this.#onChange()
  }

  #askOnce(key: PublicKey): Promise<boolean> {
    const under = this.#asked.get(key)
    if (under !== undefined) return under
    const asked = this.#ask(key).finally(() => this.#asked.delete(key))
    this.#asked.set(key, asked)
    return asked
  }

  async #ask(key: PublicKey): Promise<boolean> {
    let verdict = false
    try {
      verdict = (await inTime(this.#allow(key))) === true
    } catch (error) {
      if (this.#lines.take()) {
        this.#logger.error({ err: error, key }, 'zre: security.allow failed, and the key is refused')
      }
    }
    this.#verdicts.delete(key)
    this.#verdicts.set(key, verdict)
    for (const oldest of this.#verdicts.keys()) {
      if (this.#verdicts.size <= MOST_VERDICTS) break
      this.#verdicts.delete(oldest)
    }
    return verdict
  }
}

/** Else one answer that never comes would be waited for before anyone is asked about again. */
async function inTime(answer: boolean | Promise<boolean>): Promise<boolean> {
  if (typeof answer === 'boolean') return answer
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ASK_MS} ms`)), ASK_MS).unref()
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

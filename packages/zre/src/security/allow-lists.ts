import { ZreError } from '../error.js'
import { LogLimiter } from '../log/log-limiter.js'
import type { Allow, Logger } from '../types.js'
import { isPublicKey, type PublicKey } from '../wire/key.js'
import type { AllowList } from './allow-list.js'
import { FileAllowList } from './file-allow-list.js'
import { withTimeout } from './timeout.js'

/** Verdicts that are kept: whoever has keys enough can ask for more, so the oldest goes. */
const MAX_VERDICTS = 4096
/** Keys that the function is asked about at a time; others are refused, and come again. */
const MAX_PENDING = 256
/** Milliseconds until a function is asked again about a peer that is present. One that takes longer has failed. */
const ASK_MS = 5000

export async function openAllowList(allow: Allow, logger: Logger, onChange: () => void): Promise<AllowList> {
  if (typeof allow === 'function') return new CallbackAllowList(allow, logger, onChange)
  if (typeof allow === 'string') return FileAllowList.open(allow, logger, onChange)
  return new FixedAllowList(new Set(allow))
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

class FixedAllowList implements AllowList {
  readonly interval: number | undefined
  readonly keys: ReadonlySet<PublicKey>

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

/** What a function said of each key, until it is asked again. */
class CallbackAllowList implements AllowList {
  readonly interval = ASK_MS
  readonly #allow: (publicKey: string) => boolean | Promise<boolean>
  readonly #logger: Logger
  readonly #onChange: () => void
  readonly #verdicts = new Map<PublicKey, boolean>()
  readonly #asked = new Map<PublicKey, Promise<boolean>>()
  readonly #logLimiter = new LogLimiter()

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
    if (this.#asked.size < MAX_PENDING || this.#asked.has(key)) return this.#askOnce(key)
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
      verdict = (await withTimeout(this.#allow(key), ASK_MS)) === true
    } catch (error) {
      if (this.#logLimiter.take('allow')) {
        this.#logger.error({ err: error, key }, 'zre: security.allow failed, and the key is refused')
      }
    }
    this.#verdicts.delete(key)
    this.#verdicts.set(key, verdict)
    for (const oldest of this.#verdicts.keys()) {
      if (this.#verdicts.size <= MAX_VERDICTS) break
      this.#verdicts.delete(oldest)
    }
    return verdict
  }
}

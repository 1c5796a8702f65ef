import type { Context } from 'zeromq'
import { LogLimiter } from '../log/log-limiter.js'
import { ZapHandler } from '../sockets/zap-handler.js'
import type { Allow, Logger } from '../types.js'
import type { PublicKey } from '../wire/key.js'
import type { AllowList } from './allow-list.js'
import { openAllowList } from './allow-lists.js'

export interface AuthenticatorOptions {
  readonly allow: Allow
  readonly context: Context
  readonly logger: Logger
  /** A connection was turned away. */
  onRefused(key: PublicKey | undefined, address: string): void
  /** Some key is perhaps not let in any more. */
  onChange(): void
  /** The keys of the peers that there are now. */
  keysInUse(): Iterable<PublicKey>
}

/** Whose keys are let in: asks when libzmq asks, and again from time to time. */
export class Authenticator {
  readonly #options: AuthenticatorOptions
  readonly #logLimiter = new LogLimiter()
  #allowList: AllowList | undefined
  #zap: ZapHandler | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: AuthenticatorOptions) {
    this.#options = options
  }

  /** To be called before a socket is bound. */
  async open(): Promise<void> {
    const { allow, context, logger, onRefused, onChange, keysInUse } = this.#options
    const allowList = await openAllowList(allow, logger, onChange)
    this.#allowList = allowList
    this.#zap = await ZapHandler.open({
      context,
      isAllowed: (key) => allowList.ask(key),
      onRefused,
      onError: (error) => {
        if (this.#logLimiter.take('zap'))
          logger.error({ err: error }, 'zre: the ZAP handler failed, and goes on')
      },
    })
    if (allowList.interval === undefined) return
    this.#timer = setTimeout(async () => {
      await allowList.refresh(keysInUse())
      if (this.#zap !== undefined) this.#timer?.refresh()
    }, allowList.interval).unref()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#zap?.close()
    this.#zap = undefined
  }

  /** Whether a key is let in. One that nobody has decided on yet is asked for, and not let in until then. */
  admits(key: PublicKey): boolean {
    const verdict = this.#allowList?.verdict(key)
    if (verdict === undefined) void this.#allowList?.ask(key)
    return verdict ?? false
  }

  /** Whether a key was let in and is no more. */
  bans(key: PublicKey): boolean {
    return this.#allowList?.verdict(key) === false
  }
}

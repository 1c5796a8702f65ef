import { BaseRpcContext } from '@nestjs/microservices'
import type { Sleuth, SleuthPeer } from '@sleuth/core'

/** What a handler gets by `@Ctx()`. */
export class SleuthContext extends BaseRpcContext<[SleuthPeer | undefined, unknown, Sleuth]> {
  /** The node that called. */
  getPeer(): SleuthPeer | undefined {
    return this.args[0]
  }

  getPattern(): unknown {
    return this.args[1]
  }

  /** The `Sleuth` of this message, as `@RequestSleuth()` gives it. */
  getSleuth(): Sleuth {
    return this.args[2]
  }
}

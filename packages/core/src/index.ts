import type { Sleuth, SleuthOptions } from './types.js'

/** Joins the network. Resolves once the node can send and be found; rejects with a `SleuthError`. */
export async function createSleuth(options?: SleuthOptions): Promise<Sleuth> {
  // The first call loads it, so an import costs little in a process that does not join, or joins later.
  const { startSleuth } = await import('./sleuth/create-sleuth.js')
  return startSleuth(options)
}

export { generateKeys } from '@sleuth/zre/keys'
export { serve } from './serve/serve.js'
export type {
  AttemptCause,
  AttemptMessage,
  CallContext,
  CallHeaders,
  DropMessage,
  EmitMessage,
  EventContext,
  InstanceMessage,
  RequestMessage,
} from './shared/diagnostics.js'
export type { SleuthErrorCode } from './shared/error-codes.js'
export { SleuthError } from './shared/errors.js'
export type * from './types.js'

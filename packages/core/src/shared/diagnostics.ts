import { channel } from 'node:diagnostics_channel'
import type { SleuthError } from './errors.js'

/** Sleuth publishes it to `sleuth:call` when a call has ended. Either `status` or `error` is set. */
export interface CallMessage {
  service: string
  method: string
  url: string
  /** The number of instances that the call was sent to. */
  tries: number
  status?: number
  error?: unknown
}

/** Sleuth publishes it to `sleuth:drop` when it drops a message of a peer. */
export interface DropMessage {
  error: SleuthError
}

/** Check that it has subscribers before you call `publishCall`. */
export const callChannel = channel('sleuth:call')
const drops = channel('sleuth:drop')

/** A call that has ended. */
interface EndedCall {
  readonly target: { readonly service: string; readonly url: string }
  readonly method: string
  readonly tries: number
}

export function publishCall(
  { target, method, tries }: EndedCall,
  outcome: { status: number } | { error: unknown },
): void {
  callChannel.publish({ ...target, method, tries, ...outcome } satisfies CallMessage)
}

export function publishDrop(error: SleuthError): void {
  if (drops.hasSubscribers) drops.publish({ error } satisfies DropMessage)
}

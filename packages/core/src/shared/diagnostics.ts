import { channel } from 'node:diagnostics_channel'
import type { SleuthError } from './errors.js'

/** Published to `sleuth:call` when a call has ended. Either `status` or `error` is set. */
export interface CallMessage {
  service: string
  method: string
  url: string
  /** How many instances it was sent to. */
  tries: number
  status?: number
  error?: unknown
}

/** Published to `sleuth:drop` when a message of a peer was thrown away. */
export interface DropMessage {
  error: SleuthError
}

/** Look for subscribers before `publishCall`. */
export const callChannel = channel('sleuth:call')
const drops = channel('sleuth:drop')

/** What is known of a call that has ended. */
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

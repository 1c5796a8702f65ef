import { createNode } from './sleuth/connect.js'
import { startSleuth } from './sleuth/create-sleuth.js'
import type { Sleuth, SleuthOptions } from './types.js'

/** Joins the network. Resolves once the node can send and be found; rejects with a `SleuthError`. */
export function createSleuth(options?: SleuthOptions): Promise<Sleuth> {
  return startSleuth(options, createNode)
}

export { generateKeys } from '@sleuth/zre/keys'
export type { CallMessage, DropMessage } from './shared/diagnostics.js'
export type { SleuthErrorCode } from './shared/error-codes.js'
export { SleuthError } from './shared/errors.js'
export type * from './types.js'

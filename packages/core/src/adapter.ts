/** What an adapter for a framework is built from. Not for applications: `@sleuth/core` is. */

export {
  type AdapterInput,
  type AdapterOptions,
  adopt,
  type Handle,
  type HandleOptions,
} from './adapter/handle.js'
export { carry, Mount, type Mounted, type MountHints } from './adapter/mount.js'
export type { Reply } from './client/call.js'
/** The fields that are not about one connection. */
export { endToEnd } from './http/headers.js'
export { refuse } from './server/node-http/messages.js'
export { sleuthError } from './shared/errors.js'
/** What a network in place of the machine's is made of: for `@sleuth/testing`. */
export { type Member, type NetworkParts, networkKey } from './shared/options/network.js'
/** Whether an adapter was handed a `Sleuth` that exists already, also one of another copy of this package. */
export { isSleuth } from './sleuth/base-client.js'
export { forward } from './sleuth/client.js'
export { scoped } from './sleuth/scoped-client.js'

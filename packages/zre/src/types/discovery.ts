import type { Logger } from './logger.js'

/** A node that was found. It is a hint: its HELLO shows whether it is there. */
export interface FoundNode {
  /** Where its inbox is: `tcp://ip:port`. */
  readonly endpoint: string
  /** Its UUID. Without one, whoever is at the endpoint is asked. */
  readonly id?: string | undefined
  /** Z85. On a network with keys a node without one is asked with each key that is let in. */
  readonly publicKey?: string | undefined
  /** It is a node of this library, and may answer on the connection that we make if it can't connect to us. */
  readonly ours?: boolean | undefined
}

/** What a discovery is given: who it is to make known, and whom to tell of others. */
export interface DiscoveryHost {
  readonly id: string
  /** Where our inbox is now. It changes when the node moves to another interface. */
  readonly endpoint: string
  /** Z85. Undefined without encryption. */
  readonly publicKey: string | undefined
  /** The discovery port: nodes with the same one are to meet. */
  readonly port: number
  readonly logger: Logger
  /** A node was found, or is still there. It may be told as often as it is found. */
  found(node: FoundNode): void
  /** A node that was found is there no more. The node keeps one that it is connected to. */
  gone(node: { readonly endpoint: string; readonly id: string }): void
}

/** A way in which nodes find each other. */
export interface Discovery {
  readonly name: string
  /** Makes the node known and looks for others, until it is closed. A start that fails is the failure of `createNode`. */
  start(host: DiscoveryHost): void | Promise<void>
  /** The node leaves: it is to be found no more. */
  close(): void | Promise<void>
}

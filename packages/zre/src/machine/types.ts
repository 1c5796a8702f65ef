import type { ConnectedPeer, ExitReason, Introduced, Peer } from '../types.js'
import type { BeaconFault } from '../wire/beacon.js'
import type { NodeId } from '../wire/identity.js'
import type { PublicKey } from '../wire/key.js'
import type { Incoming, MessageFault, Outgoing } from '../wire/message.js'
import type { ReturnPath } from '../wire/return-path.js'

export interface MachineConfig {
  readonly id: NodeId
  readonly name: string
  readonly headers: ReadonlyMap<string, string>
  readonly groups: readonly string[]
  /** Where our inbox is. */
  readonly endpoint: string
  readonly interval: number
  readonly evasive: number
  readonly expired: number
  /** Milliseconds within which a peer is lost that does not answer while its link is in use. */
  readonly lost: number
  readonly maxPeers: number
  /** Whether an address belongs to the chosen interface's network. What does not is never connected to. */
  readonly isOnNetwork: (address: string) => boolean
  /** Nobody can connect to our inbox: peers are to answer on the connections that we make. */
  readonly unreachable?: boolean
  /** Networks grow as seeds are looked up: who is on none now may be on one then. */
  readonly hasSeeds?: boolean
  /** Whether somebody waits for a peer: then its link is in use, however long nothing was sent. */
  readonly isAwaited: ((id: NodeId) => boolean) | undefined
  /** What is known of nodes by introductions. */
  readonly introduced?: Introduced | undefined
}

/** That a node is at an endpoint and holds a key: a beacon says so, or a HELLO. */
export interface PlaceClaim {
  readonly id: NodeId
  readonly endpoint: string
  readonly key?: PublicKey | undefined
  /** See `PeerState`. */
  readonly alias?: boolean
  /** It is a node of this library, so it can answer on the connection that we make. */
  readonly ours?: boolean
}

/** A node says HELLO and can be answered on the connection that it made. */
export interface ReturnClaim {
  readonly id: NodeId
  readonly endpoint: string
  readonly key: PublicKey | undefined
  readonly back: ReturnPath
}

/** What happens to a node. Times are milliseconds on a clock that never goes back. */
export type Input =
  | { readonly type: 'tick' }
  /** A beacon, with the address that it came from. */
  | {
      readonly type: 'beacon'
      readonly id: NodeId
      readonly port: number
      readonly address: string
      readonly key?: PublicKey | undefined
      /** It is no beacon: a HELLO says so, which takes a connection and not just a datagram. */
      readonly said?: boolean
      /** The HELLO asks to be answered on its connection. */
      readonly back?: ReturnPath | undefined
    }
  /** A node was found by other means than a beacon. `alias`: the endpoint leads to it now, and may lead to another later. */
  | {
      readonly type: 'found'
      readonly id: NodeId
      readonly endpoint: string
      readonly key?: PublicKey | undefined
      readonly alias?: boolean
      /** See `PlaceClaim`. */
      readonly ours?: boolean
      /** Somebody waits for it. */
      readonly urgent?: boolean
    }
  /** Whoever found a node says that it is gone. */
  | { readonly type: 'gone'; readonly id: NodeId; readonly endpoint: string }
  /** A message, with the node that its routing id names. `key`: whose it is, as a HELLO says. */
  | {
      readonly type: 'message'
      readonly from: NodeId
      readonly message: Incoming
      readonly key?: PublicKey | undefined
      /** The sender has shown that it holds the key, or without encryption that it is where our mailbox to it is connected. */
      readonly proven?: boolean
      /** A HELLO asks to be answered on its connection. */
      readonly back?: ReturnPath | undefined
      /** It came by our own connection to the peer. */
      readonly answered?: boolean
    }
  /** A peer is owed a HELLO: the last one lacked what proves that it is ours. */
  | { readonly type: 'greet'; readonly id: NodeId }
  /** A peer's key is not let in any more. */
  | { readonly type: 'refused'; readonly id: NodeId }
  /** Whether somebody shook hands where a node was claimed to be, if that could be checked: see the effect `check`. */
  | {
      readonly type: 'checked'
      readonly id: NodeId
      readonly endpoint: string
      readonly key?: PublicKey | undefined
      readonly stands: boolean | undefined
    }
  /** A peer does not let us in: the mailbox to it is of no more use. */
  | { readonly type: 'denied'; readonly id: NodeId }
  /** The mailbox to a peer has shaken hands with it. */
  | { readonly type: 'connected'; readonly id: NodeId }
  /**
   * The connection of a mailbox broke, which is the end of that mailbox; or one could not be made, and is tried again.
   * `interfaceDown`: our interface is without our address. Whoever was greeted now would be told an endpoint that is ours no more.
   */
  | { readonly type: 'disconnected'; readonly id: NodeId; readonly interfaceDown?: boolean }
  /** A mailbox lost what it had queued: the numbers given to those messages are gone. */
  | { readonly type: 'lost'; readonly id: NodeId }
  /** Our inbox is at another endpoint now. */
  | { readonly type: 'moved'; readonly endpoint: string }
  | { readonly type: 'whisper'; readonly to: NodeId; readonly content: readonly Buffer[] }
  /** A whisper comes from a peer or goes to it, past the machine. Needs not be told while `watch.used` is set. */
  | { readonly type: 'used'; readonly id: NodeId }
  /** Whether a peer's process has shaken hands: see the effect `probe`. `undefined`: it could not be asked. */
  | {
      readonly type: 'probed'
      readonly id: NodeId
      /** As in the effect. */
      readonly at: number
      readonly answered: boolean | undefined
    }
  /** What had come by then has been read: see the effect `read`. */
  | { readonly type: 'read'; readonly at: number }
  /** Our interface was away, and is back: who came and went meanwhile is not known. */
  | { readonly type: 'returned' }
  /** The link to a peer is of no use any more, to neither end. */
  | { readonly type: 'part'; readonly id: NodeId }
  /** Asks a peer that is present for a sign of life. */
  | { readonly type: 'ping'; readonly to: NodeId }
  | { readonly type: 'shout'; readonly group: string; readonly content: readonly Buffer[] }
  | { readonly type: 'join' | 'leave'; readonly group: string }

/** Why something from the network was thrown away. Each is a counter in `stats().dropped`. */
export type DropReason =
  | BeaconFault
  | MessageFault
  | 'beacon-off-network'
  /** A node was found at an endpoint to which no connection may be opened: see `networks`. */
  | 'found-off-network'
  | 'own-endpoint'
  | 'routing-id'
  | 'hello-sequence'
  | 'hello-endpoint'
  | 'own-identity'
  | 'peer-limit'
  | 'greeting-limit'
  | 'endpoint-taken'
  /** A node is not where it was claimed to be, or does not hold the key. */
  | 'false-claim'
  | 'endpoint-change'
  | 'forged-stop'
  | 'unknown-peer'
  | 'before-hello'
  /** More than can wait until the connection to its sender has shaken hands. */
  | 'before-handshake'
  | 'duplicate'
  | 'gap'
  | 'status-mismatch'
  | 'group-limit'
  | 'unknown-message'
  /** The key is not let in. */
  | 'key-refused'
  /** It claims another key than the peer of that id. */
  | 'key-mismatch'
  /** It does not show that it is sent by who it says. */
  | 'unproven'
  /** It beacons, and our connections to it fail. */
  | 'unreachable'
  /** It beacons, we are connected to it, and it does not greet us. */
  | 'unanswered'
  /** Connections wait, and the process has no file descriptor left to accept them. */
  | 'no-descriptor'
  /** A connection to the inbox did not get through its handshake. */
  | 'handshake'

/** What a node must do about it, in this order. */
export type Effect =
  /** `leaving`: not before the mailboxes that are being closed have sent what they hold. */
  | { readonly type: 'beacon'; readonly port: 'own' | 'leaving' }
  /** Open a mailbox to a peer. One that is open for the same peer is closed fully before: see `greet`. */
  | {
      readonly type: 'open'
      readonly id: NodeId
      readonly endpoint: string
      readonly key: PublicKey | undefined
      /** The peer may answer on this connection. */
      readonly asks?: boolean
      /** No connection is made: what is sent goes over the one that the peer has made under this routing id. */
      readonly back?: Buffer
    }
  /** Ask for a handshake at an endpoint, over a connection of its own that says nothing, and tell by `checked`. */
  | {
      readonly type: 'check'
      readonly id: NodeId
      readonly endpoint: string
      readonly key: PublicKey | undefined
    }
  /** Ask a peer's process for a handshake, within `PROBE_SHARE` of `lost`, and tell by `probed`. `at`: tells it from others. */
  | {
      readonly type: 'probe'
      readonly id: NodeId
      readonly endpoint: string
      readonly key: PublicKey | undefined
      readonly at: number
    }
  /** Tell by `read` when our inbox is empty: until then nobody is known to be silent. `at`: now. */
  | { readonly type: 'read'; readonly at: number }
  /** Close a mailbox. `flush`: what it holds is sent first, within a second. */
  | { readonly type: 'close'; readonly id: NodeId; readonly flush: boolean }
  | { readonly type: 'send'; readonly id: NodeId; readonly message: Outgoing; readonly sequence: number }
  /** A node says HELLO and is at an endpoint to which no connection may be opened: a seed may have got that address just now. */
  | {
      readonly type: 'stranger'
      readonly id: NodeId
      readonly endpoint: string
      readonly key: PublicKey | undefined
      /** It can be answered on its connection. */
      readonly returns?: boolean
    }
  /** A node is heard, and not reached, or does not reach us. */
  | {
      readonly type: 'trouble'
      readonly trouble: 'unreachable' | 'unanswered'
      readonly id: NodeId
      readonly endpoint: string
    }
  /** A PING was answered. */
  | { readonly type: 'answered'; readonly id: NodeId }
  | { readonly type: 'enter'; readonly peer: Peer }
  | { readonly type: 'exit'; readonly peer: Peer; readonly reason: ExitReason }
  | { readonly type: 'join' | 'leave'; readonly peer: Peer; readonly group: string }
  | { readonly type: 'evasive'; readonly peer: Peer }
  | { readonly type: 'whisper'; readonly peer: ConnectedPeer; readonly content: Buffer[] }
  | { readonly type: 'shout'; readonly peer: Peer; readonly group: string; readonly content: Buffer[] }
  | { readonly type: 'drop'; readonly reason: DropReason; readonly from?: string }

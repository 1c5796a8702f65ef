import type { Identity } from './wire/identify.js'
import type { NodeId } from './wire/identity.js'
import type { PublicKey } from './wire/key.js'

/**
 * What carries beacons and messages between nodes: ZeroMQ, or a network in memory. It calls back and gives no promises, so
 * that a virtual clock can run a node without the event loop.
 */
export interface Transport {
  /** Where others reach our inbox: `tcp://ip:port`. Known once `open` has resolved. */
  readonly endpoint: string
  /** The port that the inbox is bound to. */
  readonly port: number
  readonly beacons: BeaconChannel
  /** Binds the inbox and the beacon channel. */
  open(): Promise<void>
  /** From now on the transport hands on what others send, and tells of connections. */
  start(receiver: Receiver, listener: TransportListener): void
  /** Whether an address belongs to the network that the node lives on. */
  isOnNetwork(address: string): boolean
  /** Whether an address is one of our own host's. */
  isOwnAddress(address: string): boolean
  /** Looks whether the interface still has our address. Called about once a second. */
  checkInterface(): void
  /** Opens the mailbox to a peer in place of the one before. `asks`: the peer may answer on its connection. Undefined when none can be opened: `onLost` is called later. */
  openMailbox(
    id: NodeId,
    endpoint: string,
    key: PublicKey | undefined,
    asks: boolean,
  ): OpenMailbox | undefined
  /** Opens a mailbox whose way is the connection that the peer has made to our inbox under a routing id. */
  openReturn(id: NodeId, routingId: Buffer): OpenMailbox
  /** `flush`: the mailbox sends first what it holds, for a second at most. */
  closeMailbox(id: NodeId, flush: boolean): void
  /** Whether the mailbox took a message. It does not when none is open, or when the peer never reads. */
  send(id: NodeId, frames: Buffer[], bytes: number): boolean
  queuedBytes(id: NodeId): number
  hasRoom(id: NodeId, bytes: number): boolean
  /** Calls back, in a later turn, when nothing waits to be read any more. */
  whenRead(callback: () => void): void
  /** Calls back when the mailboxes that are flushed have sent what they held. */
  whenFlushed(callback: () => void): void
  /** Whether the process of a peer answers a new connection. `undefined`: it could not be asked. */
  probe(endpoint: string, key: PublicKey | undefined, callback: (answers: boolean | undefined) => void): void
  /** As `probe`, for a link in use: an answer counts that comes within `PROBE_SHARE` of `lost`. */
  probeInUse(
    endpoint: string,
    key: PublicKey | undefined,
    callback: (answers: boolean | undefined) => void,
  ): void
  /** As `probe`, for a place where nobody has been met yet: such places are many, so each is given little time. */
  check(endpoint: string, key: PublicKey | undefined, callback: (answers: boolean | undefined) => void): void
  /** Asks over a connection of its own who is at an endpoint. `undefined`: nobody who answers, or it could not be asked. */
  identify(
    endpoint: string,
    key: PublicKey | undefined,
    callback: (identity: Identity | undefined) => void,
  ): void
  /** Answers a connection that has asked: see `onQuestion`. */
  answer(routingId: Buffer, identity: Identity): void
  close(): void
}

/** The way to one peer while its mailbox is open. */
export interface OpenMailbox {
  /** Whether a message of so many bytes has room in the queue. A single message may be larger than the queue. */
  hasRoom(bytes: number, maxQueueSize: number): boolean
  /** `bytes`: the size of all frames. */
  send(frames: Buffer[], bytes: number): void
}

/** Sends beacons to everyone on the network. What others send comes by `onDatagram`. */
export interface BeaconChannel {
  /**
   * Whether there is a socket to send by. `sent` is called when the datagrams have left or failed to, and at once without one: a
   * channel that is closed earlier would keep them.
   */
  send(bytes: Buffer, sent?: () => void): boolean
}

/** Takes what others send. */
export interface Receiver {
  /** `frames` begins with the routing id. `at`: now, on the clock of the node. */
  onMessage(frames: Buffer[], at: number): void
  /** As `onMessage`, for what a peer says on the connection that we made to it. The routing id is its own. */
  onAnswer(frames: Buffer[], at: number): void
  onDatagram(bytes: Buffer, address: string): void
}

/** Is told of connections, and of our own place. */
export interface TransportListener {
  /** The mailbox to a peer has shaken hands. */
  onConnected(id: NodeId): void
  /**
   * The connection of a mailbox broke, which ends the mailbox; or no connection could be made, and the mailbox tries again.
   * `interfaceDown`: our interface has lost the address that our endpoint names.
   */
  onDisconnected(id: NodeId, interfaceDown: boolean): void
  /** What was queued for a peer can't be sent. Called later, never from within a method. */
  onLost(id: NodeId, error: Error): void
  /** A connection to our inbox broke, and may have been the one that a peer is answered on. */
  onDoubt(id: NodeId): void
  /** A peer does not let us in. */
  onRefused(id: NodeId, endpoint: string): void
  /** Our inbox is at another endpoint now. */
  onMoved(endpoint: string): void
  /** Our interface was away and is back, and our endpoint is what it was. */
  onReturned(): void
  /** Whether no peer is present. A node that is alone may look for company on another interface. */
  isAlone(): boolean
}

/** The time, and timers. */
export interface Clock<Timer = unknown> {
  /** Milliseconds, on a clock that never goes back. */
  now(): number
  setTimeout(run: () => void, delay: number): Timer
  clearTimeout(timer: Timer | undefined): void
}

import type { Context } from 'zeromq'
import { LogLimiter } from '../log/log-limiter.js'
import { MAX_CLAIMS } from '../machine/claims.js'
import { PROBE_SHARE } from '../machine/watch.js'
import type { Counters } from '../stats.js'
import type { BeaconChannel, OpenMailbox, Receiver, Transport, TransportListener } from '../transport.js'
import type { Listen, Logger } from '../types.js'
import { encodeIdentity, type Identity } from '../wire/identify.js'
import type { NodeId } from '../wire/identity.js'
import type { PublicKey } from '../wire/key.js'
import { returnContext, takeContext } from './contexts.js'
import type { Keys } from './curve.js'
import { Delivery } from './delivery.js'
import { Identifier } from './identifier.js'
import { BOX_BYTES, Inbox, MAX_TURNS } from './inbox.js'
import { Mailboxes } from './mailboxes.js'
import { NetworkBinding, type NetworkBindingOptions } from './network-binding.js'
import { Prober, SOCKETS_PER_PROBE } from './prober.js'

export interface ZeromqTransportOptions {
  readonly id: NodeId
  /** The interface that was asked for. */
  readonly interface: string | undefined
  /** UDP discovery port. */
  readonly port: number
  readonly listen: Listen
  readonly advertise: string | false | undefined
  readonly beacon: NetworkBindingOptions['beacon']
  readonly maxPeers: number
  readonly maxMessageSize: number
  readonly maxQueueSize: number
  readonly lost: number
  /** Ours, where there is encryption. */
  readonly keys: Keys | undefined
  readonly logger: Logger
  readonly counters: Counters
}

/** libzmq counts each socket of a context. A mailbox has one, and its monitor two where it needs one. */
const SOCKETS_PER_PEER = 3
/** The inbox, and what libzmq opens for itself. */
const SPARE_SOCKETS = 64
/** Probes of silent peers that run at a time. */
const MAX_PROBES = 16
/** And of links in use: a host that vanishes may have as many peers. What has no place is probed a little later. */
const MAX_PROBES_IN_USE = 64
/** Milliseconds for a handshake at an unconfirmed place. Short: forged claims hold a connection for as long. */
const CLAIM_MS = 500
/** Milliseconds after which libzmq has taken away a connection whose end it has told. */
const DOUBT_MS = 50
/** One line a minute says that no file descriptor is left. */
const EXHAUSTED_WINDOW_MS = 60_000

/** Messages by ZeroMQ, beacons by UDP. */
export class ZeromqTransport implements Transport {
  /** All sockets are in it. The ZAP handler of an encrypted network is too. */
  readonly context: Context
  readonly #binding: NetworkBinding
  readonly #inbox: Inbox
  readonly #mailboxes: Mailboxes
  readonly #probes: Prober
  readonly #probesInUse: Prober
  readonly #claims: Prober
  readonly #identifier: Identifier
  readonly #onError: (error: Error) => void
  /** What peers say on the connections that we made to them. */
  readonly #answers: Delivery<Buffer[]>
  #listener: TransportListener | undefined
  #receiver: Receiver | undefined
  #doubts: NodeJS.Timeout | undefined

  constructor(options: ZeromqTransportOptions) {
    const { id, keys, lost, logger, maxPeers, maxQueueSize, counters } = options
    this.#binding = new NetworkBinding({
      interface: options.interface,
      port: options.port,
      logger,
      listen: options.listen,
      advertise: options.advertise || undefined,
      beacon: options.beacon,
      bind: (host, port) => this.#inbox.bind(host, port),
      isAlone: () => this.#listener?.isAlone() ?? true,
      onMoved: () => this.#listener?.onMoved(this.#binding.endpoint),
      onReturned: () => this.#listener?.onReturned(),
    })
    const probes = MAX_CLAIMS + MAX_PROBES + MAX_PROBES_IN_USE
    const context = takeContext(maxPeers * SOCKETS_PER_PEER + probes * SOCKETS_PER_PROBE + SPARE_SOCKETS)
    this.context = context
    this.#answers = new Delivery((frames, at) => this.#deliver(frames, at))
    this.#mailboxes = new Mailboxes({
      context,
      id,
      keys,
      maxQueueSize,
      lost,
      maxAnswer: options.maxMessageSize + (keys === undefined ? 0 : BOX_BYTES),
      answer: (routingId, frames) => this.#inbox.send(routingId, frames),
      onAnswer: (frames) => this.#answers.add(frames),
      whenRead: (callback) => this.#inbox.whenRead(() => this.#whenAnswersRead(callback)),
      onConnected: (peer) => this.#listener?.onConnected(peer),
      onDisconnected: (peer) => this.#listener?.onDisconnected(peer, !this.#binding.hasAddress()),
      onLost: (peer, error) => this.#listener?.onLost(peer, error),
      onRefused: (peer, endpoint) => this.#listener?.onRefused(peer, endpoint),
    })
    this.#probes = new Prober({ context, keys, timeout: lost, maxProbes: MAX_PROBES })
    this.#probesInUse = new Prober({
      context,
      keys,
      timeout: lost * PROBE_SHARE,
      maxProbes: MAX_PROBES_IN_USE,
    })
    this.#claims = new Prober({ context, keys, timeout: CLAIM_MS, maxProbes: MAX_CLAIMS })
    this.#identifier = new Identifier({ context, keys })
    this.#onError = (err) => {
      if (counters.logLimiter.take('inbox')) logger.error({ err }, 'zre: the inbox failed, and goes on')
    }
    const exhausted = new LogLimiter(1, EXHAUSTED_WINDOW_MS)
    this.#inbox = new Inbox({
      context,
      maxMessageSize: options.maxMessageSize,
      secretKey: keys?.secretKey,
      onEnded: () => this.#doubt(),
      onStranger: (address) => counters.dropped('handshake', address),
      onExhausted: (err) => {
        counters.dropped('no-descriptor', undefined)
        if (!exhausted.take('accept')) return
        logger.error(
          { err },
          'zre: no file descriptor is left to accept a connection; raise the limit of open files (ulimit -n)',
        )
      },
      onError: this.#onError,
    })
  }

  get endpoint(): string {
    return this.#binding.endpoint
  }

  /** The name of the network interface. */
  get interface(): string {
    return this.#binding.name
  }

  get loopback(): boolean {
    return this.#binding.loopback
  }

  get port(): number {
    return this.#binding.port
  }

  get beacons(): BeaconChannel {
    return this.#binding
  }

  open(): Promise<void> {
    return this.#binding.open()
  }

  start(receiver: Receiver, listener: TransportListener): void {
    this.#listener = listener
    this.#receiver = receiver
    this.#binding.receive(receiver)
    void this.#inbox.receive(receiver)
  }

  isOnNetwork(address: string): boolean {
    return this.#binding.has(address)
  }

  isOwnAddress(address: string): boolean {
    return this.#binding.isOwn(address)
  }

  checkInterface(): void {
    void this.#binding.refresh()
  }

  openMailbox(
    id: NodeId,
    endpoint: string,
    key: PublicKey | undefined,
    asks: boolean,
  ): OpenMailbox | undefined {
    return this.#mailboxes.open(id, endpoint, key, asks)
  }

  openReturn(id: NodeId, routingId: Buffer): OpenMailbox {
    return this.#mailboxes.openReturn(id, routingId)
  }

  closeMailbox(id: NodeId, flush: boolean): void {
    this.#mailboxes.close(id, flush)
  }

  send(id: NodeId, frames: Buffer[], bytes: number): boolean {
    return this.#mailboxes.send(id, frames, bytes)
  }

  queuedBytes(id: NodeId): number {
    return this.#mailboxes.queuedBytes(id)
  }

  hasRoom(id: NodeId, bytes: number): boolean {
    return this.#mailboxes.hasRoom(id, bytes)
  }

  whenRead(callback: () => void): void {
    this.#inbox.whenRead(
      () => this.#whenAnswersRead(callback, Number.POSITIVE_INFINITY),
      Number.POSITIVE_INFINITY,
    )
  }

  whenFlushed(callback: () => void): void {
    void this.#mailboxes.flushed().then(callback)
  }

  probe(endpoint: string, key: PublicKey | undefined, callback: (answers?: boolean) => void): void {
    void this.#probes.probe(endpoint, key).then(callback)
  }

  probeInUse(endpoint: string, key: PublicKey | undefined, callback: (answers?: boolean) => void): void {
    void this.#probesInUse.probe(endpoint, key).then(callback)
  }

  check(endpoint: string, key: PublicKey | undefined, callback: (answers?: boolean) => void): void {
    void this.#claims.probe(endpoint, key).then(callback)
  }

  identify(
    endpoint: string,
    key: PublicKey | undefined,
    callback: (identity: Identity | undefined) => void,
  ): void {
    void this.#identifier.ask(endpoint, key).then(callback)
  }

  answer(routingId: Buffer, identity: Identity): void {
    // Whoever can't be told asks again.
    void this.#inbox.send(routingId, [encodeIdentity(identity)])
  }

  /** libzmq does not tell whose connection to the inbox has ended. */
  #doubt(): void {
    this.#doubts ??= setTimeout(() => {
      this.#doubts = undefined
      for (const id of this.#mailboxes.returning()) this.#listener?.onDoubt(id)
    }, DOUBT_MS)
  }

  #deliver(frames: Buffer[], at: number): void {
    try {
      this.#receiver?.onAnswer(frames, at)
    } catch (err) {
      this.#onError(err as Error)
    }
  }

  #whenAnswersRead(callback: () => void, turns = MAX_TURNS): void {
    if (!this.#answers.busy || turns === 0) callback()
    else setImmediate(() => this.#whenAnswersRead(callback, turns - 1))
  }

  /** What lingers in the context goes on sending. */
  close(): void {
    clearTimeout(this.#doubts)
    this.#binding.close()
    this.#probes.close()
    this.#probesInUse.close()
    this.#claims.close()
    this.#identifier.close()
    this.#inbox.close()
    returnContext(this.context)
  }
}

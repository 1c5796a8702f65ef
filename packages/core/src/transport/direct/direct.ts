import type { Socket } from 'node:net'
import type { Peer, ZreNode } from '@sleuth/zre'
import { reasonOf, sleuthError } from '../../shared/errors.js'
import { type Counters, countDropped } from '../../shared/stats.js'
import { within } from '../../shared/within.js'
import type { Logger } from '../../types.js'
import { ControlKind } from '../streams/format.js'
import type { Sessions } from '../streams/sessions.js'
import { OFFER_MS } from './asking.js'
import { Connection } from './connection.js'
import { codedFault } from './faults.js'
import type { Greeting } from './handshake.js'
import { Listener } from './listener.js'
import { ownAddress } from './own-address.js'
import { PeerState } from './peer-state.js'
import { CHECK_MS } from './silence.js'
import { TurnSlice } from './turn-slice.js'
import type { Admission, Way } from './way.js'

/** Milliseconds that peers get to close their end when this node closes. */
const CLOSE_MS = 1000

export interface DirectOptions {
  readonly node: ZreNode
  /** How connections are set up. */
  readonly way: Way
  readonly sessions: Sessions
  readonly counters: Counters
  readonly log: Logger
  /** Milliseconds after which a connection is given up that does not answer, though its peer does. */
  readonly lostAfter: number
  /** The most bytes that wait for one peer. */
  readonly maxQueued: number
  readonly now: () => number
  readonly random: () => number
}

/**
 * Direct connections: one TCP connection to each peer, beside ZeroMQ. Whoever calls first asks by ZeroMQ, the peer offers a
 * port there, and both use the connection once it stands. Where there is none, calls go by ZeroMQ.
 */
export class Direct {
  readonly #options: DirectOptions
  readonly #listener: Listener
  readonly #slice: TurnSlice
  readonly #peers = new Map<string, PeerState>()
  readonly #connections = new Set<Connection>()
  #checks: NodeJS.Timeout | undefined
  #leaving = false
  #closed = false

  constructor(options: DirectOptions) {
    this.#options = options
    this.#slice = new TurnSlice(options.now)
    this.#listener = new Listener({
      hear: options.way.hear,
      admit: (greeting) => this.#admit(greeting),
      refused: (why) => this.#dropped(why),
    })
    options.node.on('exit', (peer) => this.#forget(peer.id))
  }

  /** A peer is called, or soon will be: it is asked for a connection if it has none, unless that was tried lately. */
  want(id: string): void {
    const state = this.#peers.get(id)
    if (state?.connection !== undefined || state?.asking.mayAsk(this.#options.now()) === false) return
    this.#ask(id)
  }

  /** Bytes that wait on the connection to a peer. Undefined if there is none. */
  backlog(id: string): number | undefined {
    return this.#peers.get(id)?.connection?.backlog
  }

  /** Resolves when a connection that is being made to a peer stands or fails, after so many milliseconds at the latest. */
  async ready(id: string, milliseconds: number): Promise<void> {
    const state = this.#peers.get(id)
    if (state === undefined || state.connection !== undefined || this.#closed) return
    if (state.asking.hasBegun(this.#options.now(), milliseconds)) await state.waiting.wait(milliseconds)
  }

  /** A peer sent a frame by ZeroMQ that concerns no stream. */
  control(id: string, kind: number, payload: Buffer): void {
    const state = this.#stateOf(id)
    if (state === undefined || this.#closed) return
    if (kind === ControlKind.offer) void this.#connect(state, payload)
    else if (kind === ControlKind.connect) void this.#offer(state, payload)
  }

  /** Takes no new connections. */
  leave(): void {
    this.#leaving = true
    this.#listener.close()
  }

  /** Sends what was written, and closes every connection. */
  async close(): Promise<void> {
    this.#closed = true
    this.leave()
    for (const { gone, waiting } of this.#peers.values()) {
      gone.abort()
      waiting.end()
    }
    const ends = [...this.#connections].map((connection) => connection.end({ type: 'closed' }))
    await within(CLOSE_MS, Promise.all(ends))
    for (const connection of this.#connections) connection.close()
  }

  #stateOf(id: string): PeerState | undefined {
    const known = this.#peers.get(id)
    if (known !== undefined) return known
    const peer = this.#options.node.peer(id)
    // What an unverified peer says of its address may be anybody's. To one that can't be reached nobody connects.
    if (peer === undefined || (!peer.verified && peer.connections !== 'theirs')) return undefined
    if (this.#options.way.needsKey && peer.publicKey === undefined) return undefined
    const state = new PeerState(peer)
    this.#peers.set(id, state)
    return state
  }

  /** The peer by what is known of it now: it may have moved. */
  #seen(state: PeerState): Peer {
    state.peer = this.#options.node.peer(state.peer.id) ?? state.peer
    return state.peer
  }

  #ask(id: string): void {
    const state = this.#stateOf(id)
    if (state === undefined || this.#closed) return
    const { now, random, way } = this.#options
    const { payload, half } = way.ask()
    state.asking.ask(now(), random())
    state.half = half
    this.#say(id, ControlKind.connect, payload)
  }

  #say(id: string, kind: number, payload: Buffer): void {
    this.#options.sessions.to(id).control(kind, 0, payload)
  }

  async #offer(state: PeerState, connect: Buffer): Promise<void> {
    const { node, way, now } = this.#options
    if (this.#leaving || !way.isConnect(connect)) return
    const peer = this.#seen(state)
    if (peer.connections === 'ours') {
      // It can't connect to us: we ask in turn, and connect to it.
      this.want(peer.id)
      return
    }
    // Both ask at once: the one with the greater id connects, or the only one that can.
    const connects = node.id > peer.id && peer.connections === 'both'
    if (connects && state.asking.crosses(now())) return
    const address = ownAddress(node.endpoint)
    if (address === undefined) return
    state.asking.offer(now())
    let port: number
    try {
      port = await this.#listener.port(address)
    } catch (error) {
      if (this.#leaving) return
      this.#log({ err: error }, 'can not listen for direct connections')
      return
    }
    if (this.#leaving || this.#peers.get(peer.id) !== state) return
    const ends = { connects: peer.id, listens: node.id }
    const { payload, offer } = way.offer(connect, port, ends)
    state.offer = { ...offer, until: now() + OFFER_MS }
    this.#say(peer.id, ControlKind.offer, payload)
  }

  async #connect(state: PeerState, payload: Buffer): Promise<void> {
    const { node, way, now } = this.#options
    const { gone, asking, half } = state
    const peer = this.#seen(state)
    const offer = way.read(payload, half, { connects: node.id, listens: peer.id })
    if (offer === undefined || !asking.accept(now())) return
    try {
      const { socket, first } = await way.dial({
        host: peer.address,
        // One that can't connect to us expects us from nowhere.
        localAddress: peer.connections === 'ours' ? undefined : ownAddress(node.endpoint),
        id: node.id,
        offer,
        signal: gone.signal,
      })
      this.#stand(state, socket, first)
    } catch (error) {
      state.waiting.end()
      if (gone.signal.aborted) return
      this.#log({ err: error, peer: peer.id }, 'no direct connection to a peer: calls go by ZeroMQ')
    }
  }

  /** Who greets with the token of an offer is the peer that has read it, or says so: then it shows the secret next. */
  #admit({ id, token }: Greeting): Admission | undefined {
    const state = this.#peers.get(id)
    const offer = state?.offered(token, this.#options.now())
    if (state === undefined || offer === undefined) return undefined
    const accept = (socket: Socket) => {
      if (state.use(offer)) this.#stand(state, socket, nothing)
      else socket.destroy()
    }
    return { proof: offer.proof, accept }
  }

  #stand(state: PeerState, socket: Socket, first: Buffer): void {
    const { node, sessions, counters, now, maxQueued, lostAfter, log } = this.#options
    const peer = this.#seen(state)
    if (this.#closed || this.#peers.get(peer.id) !== state || socket.destroyed) {
      socket.destroy()
      return
    }
    const since = now()
    const connection: Connection = new Connection(socket, {
      peer,
      maxBacklog: maxQueued,
      lostAfter,
      now,
      slice: this.#slice,
      received: (bytes) => {
        counters.bytesReceived += bytes
      },
      sent: (bytes) => {
        counters.bytesSent += bytes
      },
      failed: (error) => this.#failed(error),
      closed: () => {
        this.#connections.delete(connection)
        if (state.connection !== connection) return
        state.connection = undefined
        state.asking.close(now() - since)
        // A peer that leaves its group closes next.
        const stays = node.peer(peer.id)?.groups.size
        if (this.#closed || !stays) return
        this.#log({ peer: peer.id }, 'a direct connection has closed: calls to its peer go by ZeroMQ')
      },
    })
    this.#connections.add(connection)
    state.connection = connection
    state.asking.stand()
    log.debug({ peer: peer.id, address: peer.address }, 'sleuth: a direct connection stands')
    connection.start(sessions.direct(peer.id, connection), first)
    state.waiting.end()
    this.#watch()
  }

  #failed(error: unknown): void {
    const { counters, log } = this.#options
    countDropped(codedFault(error), counters, log)
  }

  #dropped(why: string): void {
    const { counters, log } = this.#options
    countDropped(sleuthError('SLEUTH_CONNECTION', { why }), counters, log)
  }

  #log(fields: object, message: string): void {
    const why = 'err' in fields ? { why: reasonOf(fields.err) } : {}
    this.#options.counters.warnings.write(this.#options.log, 'info', { ...fields, ...why }, message)
  }

  #forget(id: string): void {
    const state = this.#peers.get(id)
    this.#peers.delete(id)
    // One that stands ends with its session.
    state?.gone.abort()
    state?.waiting.end()
  }

  /** Looks after the connections for as long as there are any. */
  #watch(): void {
    this.#checks ??= setInterval(() => this.#check(), CHECK_MS).unref()
  }

  /**
   * The node watches the links that are in use, and does not see those that carry calls here.
   *
   * A peer that answers by ZeroMQ, and not by its connection, has lost that: something in between has dropped it, and neither
   * end hears of it. Whoever answers neither way is left to the node, which tells slow from gone.
   */
  #check(): void {
    const { node, sessions } = this.#options
    for (const { peer, connection } of this.#peers.values()) {
      if (sessions.hasStreams(peer.id)) node.use(peer.id)
      const finding = connection?.check(node.reachedAt(peer.id) ?? 0)
      if (finding === 'silent') node.ping(peer.id)
      if (finding !== 'lost') continue
      this.#dropped('it does not answer any more, though its peer does')
      connection?.close()
    }
    if (this.#connections.size > 0) return
    clearInterval(this.#checks)
    this.#checks = undefined
  }
}

const nothing = Buffer.alloc(0)

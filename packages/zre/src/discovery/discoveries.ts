import { ZreError } from '../error.js'
import type { PeerState } from '../machine/peer.js'
import type { FoundPeer } from '../security/security-policy.js'
import type { Counters } from '../stats.js'
import type { Clock, Transport } from '../transport.js'
import type { Discovery, DiscoveryHost, FoundNode, Logger, Security } from '../types.js'
import { parseEndpoint } from '../wire/endpoint.js'
import { isNodeId, type NodeId } from '../wire/identity.js'
import { isPublicKey, type PublicKey } from '../wire/key.js'
import { Dialler } from './dialler.js'
import { Networks } from './networks.js'
import { systemResolver } from './resolve.js'
import { readSeedFile } from './seed-file.js'
import type { IsLive } from './seed-schedule.js'
import { Seeds } from './seeds.js'
import type { DiscoverySettings } from './settings.js'
import { type Stranger, Strangers } from './strangers.js'

/** A discovery, and whether the node can't do without. */
export interface UsedDiscovery {
  readonly discovery: Discovery
  readonly required: boolean
}

export interface DiscoveriesOptions {
  readonly id: NodeId
  readonly settings: Pick<DiscoverySettings, 'seeds' | 'networks'> & {
    readonly port: number
    /** Undefined without encryption. */
    readonly security: Security | undefined
    readonly logger: Logger
  }
  readonly used: readonly UsedDiscovery[]
  readonly clock: Clock
  readonly transport: Transport
  readonly counters: Counters
  peers(): ReadonlyMap<NodeId, PeerState>
  endpoint(): string
  found(node: FoundPeer): void
  gone(node: { readonly id: NodeId; readonly endpoint: string }): void
  /** Whether a node that is not present is to be greeted. */
  isGreeted(id: NodeId): boolean
  /** A node that needs no link to count as met. */
  isIntroduced(id: NodeId): boolean
  /** A node greets us that may not be connected to. */
  refused(stranger: Stranger): void
}

/** Milliseconds until an endpoint that was told without an id is dialled again, */
const DIAL_AGAIN_MS = 5000
/** and how many such are remembered. */
const MAX_DIALLED = 1024
/** Milliseconds after which the log says that a discovery has not started. */
const LATE_MS = 5000
/** Milliseconds that a discovery has to start. */
const START_MS = 30_000
/** Milliseconds that a discovery has to close. */
const CLOSE_MS = 1000
/** Nodes that are found before ours begins; the others are found again. */
const MAX_EARLY = 1024

/** All ways in which a node finds others, but its beacon: seeds, the host directory, and what the user brings. */
export class Discoveries {
  readonly #options: DiscoveriesOptions
  readonly #networks: Networks
  readonly #dialler: Dialler
  readonly #seeds: Seeds
  readonly #strangers: Strangers
  /** Those that were started, and when they have. */
  readonly #started = new Map<Discovery, Promise<void>>()
  readonly #dialledAt = new Map<string, number>()
  /** What was found before the node began, by endpoint. */
  #early: Map<string, () => void> | undefined = new Map()
  #closed = false

  constructor(options: DiscoveriesOptions) {
    this.#options = options
    const { id, settings, clock, transport, peers } = options
    const { logger, security } = settings
    const publicKey = security?.publicKey
    this.#networks = new Networks(settings.networks)
    this.#dialler = new Dialler({
      id,
      clock,
      random: Math.random,
      // Where nodes share one key, a seed need not name it.
      identify: ({ endpoint, key = publicKey }, answer) => transport.identify(endpoint, key, answer),
      isPresent: (peer) => this.#isMet(peer),
      isUsable: (endpoint) => this.#isUsable(endpoint),
      found: ({ key = publicKey, ...node }) => options.found({ ...node, key }),
    })
    this.#seeds = new Seeds({
      seeds: settings.seeds,
      resolver: systemResolver,
      clock,
      logger,
      random: Math.random,
      readFile: readSeedFile,
      onAddress: (address) => this.#networks.add(address),
      dial: (target, done) => this.#dialler.dial(target, done),
      isAlone: () => !Array.from(peers().values()).some(({ view }) => view !== undefined),
      live: () => this.#live(),
    })
    this.#strangers = new Strangers({
      clock,
      refresh: () => this.#seeds.refresh(),
      isOnNetwork: (address) => this.isOnNetwork(address),
      onKnown: ({ id: found, endpoint, key }) => options.found({ id: found, endpoint, key }),
      onUnknown: (stranger) => this.#refuse(stranger),
    })
  }

  /** Whether connections may be opened to an address. */
  isOnNetwork(address: string): boolean {
    return this.#options.transport.isOnNetwork(address) || this.#networks.has(address)
  }

  /** Before the node begins: whoever makes it is to hear of all whom it meets. Rejects with a `ZreError`. */
  async start(): Promise<void> {
    await Promise.all(
      this.#options.used.map((used) => {
        const started = this.#start(used)
        this.#started.set(used.discovery, started)
        return started
      }),
    )
  }

  /** The node has begun. */
  begin(): void {
    const early = this.#early
    this.#early = undefined
    for (const find of early?.values() ?? []) find()
    if (this.#options.settings.seeds.length > 0) this.#seeds.start()
  }

  /** Undefined when there is nothing to wait for. */
  close(): Promise<void> | undefined {
    this.#closed = true
    this.#seeds.close()
    this.#dialler.close()
    this.#strangers.close()
    if (this.#started.size === 0) return undefined
    return Promise.all(Array.from(this.#started, (started) => this.#close(...started))).then(() => {})
  }

  /** A node greets us and is on no network of ours. Only seeds can tell more of it. */
  stranger(stranger: Stranger): void {
    if (this.#options.settings.seeds.length > 0) this.#strangers.add(stranger)
    else this.#refuse(stranger)
  }

  #refuse(stranger: Stranger): void {
    if (!stranger.returns) this.#options.refused(stranger)
  }

  async #start({ discovery, required }: UsedDiscovery): Promise<void> {
    const { name } = discovery
    const { clock, settings } = this.#options
    const late = clock.setTimeout(() => {
      const fields = { discovery: name, after: LATE_MS, limit: START_MS }
      settings.logger.warn(fields, 'zre: a discovery has not started yet, and the node waits for it')
    }, LATE_MS)
    let limit: unknown
    const tooLate = new Promise<never>((_, reject) => {
      const error = new Error(`it has not started within ${START_MS / 1000} seconds`)
      limit = clock.setTimeout(() => reject(error), START_MS)
    })
    try {
      await Promise.race([discovery.start(this.#hostOf(discovery)), tooLate])
    } catch (cause) {
      const why = (cause as Error)?.message ?? String(cause)
      if (required)
        throw new ZreError('ZRE_DISCOVERY', `the discovery "${name}" can't start: ${why}`, { cause })
      settings.logger.warn({ err: cause, discovery: name }, 'zre: a discovery can not start; the others do')
    } finally {
      clock.clearTimeout(late)
      clock.clearTimeout(limit)
    }
  }

  /** One that still starts, because another can't, ends after that: what it opens last would stay. */
  async #close(discovery: Discovery, started: Promise<void>): Promise<void> {
    try {
      await this.#soon(started.catch(() => {}))
      await this.#soon(discovery.close())
    } catch (err) {
      this.#options.settings.logger.warn(
        { err, discovery: discovery.name },
        'zre: a discovery failed to close',
      )
    }
  }

  /** A node that leaves does not wait for long for a discovery that does not end. */
  async #soon(done: void | Promise<void>): Promise<void> {
    const { clock } = this.#options
    let timer: unknown
    const late = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, CLOSE_MS)
    })
    await Promise.race([done, late]).finally(() => clock.clearTimeout(timer))
  }

  #hostOf({ name }: Discovery): DiscoveryHost {
    const { id, settings, endpoint, gone } = this.#options
    const { port, security, logger } = settings
    return {
      id,
      port,
      publicKey: security?.publicKey,
      logger,
      get endpoint() {
        return endpoint()
      },
      found: (node) => {
        if (this.#early === undefined) this.#onFound(node, name)
        else if (this.#early.size < MAX_EARLY) this.#early.set(node.endpoint, () => this.#onFound(node, name))
      },
      gone: (node) => {
        if (this.#early !== undefined) this.#early.delete(node.endpoint)
        else if (!this.#closed) gone(node)
      },
    }
  }

  #onFound({ endpoint, id, publicKey, ours }: FoundNode, discovery: string): void {
    const { counters, found, peers, isGreeted } = this.#options
    if (this.#closed) return
    // A discovery of the user may tell anything.
    if (!isText(endpoint) || !isText(id ?? '') || !isText(publicKey ?? '')) {
      this.#warnOfNonsense(discovery, {})
      return
    }
    if (id !== undefined) {
      // Of most nodes this is no news: they are told as long as they are there.
      const peer = peers().get(id)
      const isThere = peer?.endpoint === endpoint && peer.key === publicKey && peer.lost === undefined
      if (peer?.view !== undefined || (isThere && !ours) || !isGreeted(id)) return
    }
    if ((id !== undefined && !isNodeId(id)) || (publicKey !== undefined && !isPublicKey(publicKey)))
      this.#warnOfNonsense(discovery, { endpoint, id })
    else if (id !== undefined) found({ id, endpoint, key: publicKey, ...(ours && { ours }) })
    else if (this.#isUsable(endpoint)) this.#dial(endpoint, publicKey)
    else counters.dropped('found-off-network', endpoint)
  }

  #warnOfNonsense(discovery: string, fields: object): void {
    const { settings, counters } = this.#options
    if (counters.logLimiter.take('discovery'))
      settings.logger.warn(
        { discovery, ...fields },
        'zre: a discovery told of an endpoint, an id or a key that is none',
      )
  }

  #dial(endpoint: string, key: PublicKey | undefined): void {
    const now = this.#options.clock.now()
    const dialledAt = this.#dialledAt.get(endpoint)
    if (dialledAt !== undefined && now - dialledAt < DIAL_AGAIN_MS) return
    if (this.#dialledAt.size >= MAX_DIALLED) this.#dialledAt.clear()
    this.#dialledAt.set(endpoint, now)
    if (!this.#live()(endpoint, undefined)) this.#dialler.dial({ endpoint, key }, () => {})
  }

  #isUsable(endpoint: string): boolean {
    const address = parseEndpoint(endpoint)?.address
    return address !== undefined && this.isOnNetwork(address) && endpoint !== this.#options.endpoint()
  }

  #live(): IsLive {
    const peers = this.#options.peers()
    const endpoints = new Set<string>()
    for (const { view, endpoint, returning } of peers.values()) {
      if (view !== undefined && !returning) endpoints.add(endpoint)
    }
    return (endpoint, id) => endpoints.has(endpoint) || (id !== undefined && this.#isMet(id))
  }

  #isMet(id: NodeId): boolean {
    const { peers, isIntroduced } = this.#options
    return peers().get(id)?.view !== undefined || isIntroduced(id)
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

import { type FSWatcher, readFileSync, readlinkSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { setImmediate as turn } from 'node:timers/promises'
import type { Discovery, DiscoveryHost } from '../types.js'
import type { NodeId } from '../wire/identity.js'
import { type FoundEntry, HostFolder, idOfFile } from './host-folder.js'

/** Milliseconds between two looks while something changes, */
const BUSY_MS = 1000
/** and when nothing has changed for a while: what is watched tells by itself. */
const IDLE_MS = 5000
const BUSY_TIME_MS = 10_000
/** Milliseconds after which a node shows that it lives, and looks whether its neighbours have. */
const SWEEP_MS = 60_000
/** The nodes that come next in the order of ids. If each looked at all, many nodes would cost their number squared. */
const NEIGHBOURS = 2
/** Milliseconds after which one that has not shown it is gone, whatever process has its id. */
export const STALE_MS = 180_000
/** Files that are read in one turn of the event loop. */
const TURN_FILES = 32
/** Milliseconds from a change to the look at it: files come in crowds. */
const GATHER_MS = 20
/** And half a millisecond for each node that is known: when many start at once, each would look as often as one of them starts. */
const GATHER_SHARE = 1 / 2

/** What the tests replace. */
export interface HostDirectoryOptions {
  readonly root?: string
  readonly uid?: number | undefined
  readonly pidNamespace?: string | undefined
  readonly isAlive?: (pid: number) => boolean
}

/**
 * Nodes of one user on one host find each other by files. No datagram is sent, so that no firewall, VPN or privacy setting of
 * the system stands in the way.
 */
export class HostDirectory implements Discovery {
  readonly name = 'host'
  readonly #root: string
  readonly #uid: number | undefined
  readonly #pidNamespace: string | undefined
  readonly #isAlive: (pid: number) => boolean
  readonly #entries = new Map<NodeId, FoundEntry>()
  /** Whose files were replaced since the last list. */
  readonly #changed = new Set<NodeId>()
  /** Those that were read since nodes were last told of. */
  readonly #fresh = new Set<NodeId>()
  #toldAt = Number.NEGATIVE_INFINITY
  #host!: DiscoveryHost
  #folder!: HostFolder
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  /** What our own file says. */
  #written = ''
  #sweptAt = performance.now()
  #changedAt = Number.NEGATIVE_INFINITY
  #busySince = performance.now()
  #failing = false
  /** Something has changed, and more may change in the next moment. */
  #gathering = false
  #looking: Promise<void> | undefined
  #closed = false

  constructor(options: HostDirectoryOptions = {}) {
    this.#root = options.root ?? tmpdir()
    this.#uid = 'uid' in options ? options.uid : process.getuid?.()
    this.#pidNamespace = 'pidNamespace' in options ? options.pidNamespace : ownPidNamespace()
    this.#isAlive = options.isAlive ?? isAlive
  }

  async start(host: DiscoveryHost): Promise<void> {
    this.#host = host
    this.#folder = new HostFolder(this.#root, this.#uid, host.port)
    await this.#write()
    this.#watch()
    await this.look(true)
    this.#plan(BUSY_MS)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#watcher?.close()
    await this.#looking
    if (this.#written === '') return
    await this.#folder.remove(this.#host.id)
    await this.#folder.removeEmpty()
  }

  /** Looks whether anything has changed, and tells of all that are there. `forced`: without asking the directory first. */
  look(forced = false): Promise<void> {
    this.#looking ??= this.#look(forced).finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #look(forced: boolean): Promise<void> {
    try {
      if (this.#host.endpoint !== this.#written) await this.#write()
      if (performance.now() - this.#sweptAt >= SWEEP_MS) await this.sweep()
      if (forced || (await this.#folder.changedAt()) !== this.#changedAt) await this.#list()
      this.#tell(forced)
      this.#failing = false
    } catch (error) {
      await this.#recover(error as Error)
    }
  }

  /** Somebody has cleaned the directory of temporary files. */
  async #recover(error: Error): Promise<void> {
    try {
      await this.#write()
      // A directory that was made again is not the one that was watched.
      this.#unwatch()
      this.#watch()
    } catch {
      if (this.#failing) return
      this.#failing = true
      const fields = { err: error, path: this.#folder.path }
      this.#host.logger.warn(fields, 'zre: the host directory fails; the node goes on and tries again')
    }
  }

  async #write(): Promise<void> {
    const { id, endpoint, publicKey } = this.#host
    await this.#folder.write({ id, endpoint, publicKey, pid: process.pid, pidNamespace: this.#pidNamespace })
    this.#written = endpoint
  }

  /** Shows that we live, and takes away the neighbours who do not. */
  async sweep(): Promise<void> {
    this.#sweptAt = performance.now()
    await this.#folder.touch(this.#host.id)
    const ids = [...this.#entries.keys()].sort()
    const next = ids.findIndex((id) => id > this.#host.id)
    const ring = next < 0 ? ids : [...ids.slice(next), ...ids.slice(0, next)]
    for (const id of ring.slice(0, NEIGHBOURS)) await this.#read(id)
  }

  async #list(): Promise<void> {
    // Before the list: what changes in between is seen at the next look.
    const changedAt = await this.#folder.changedAt()
    if (changedAt !== this.#changedAt) this.#busySince = performance.now()
    this.#changedAt = changedAt
    const ids = new Set(await this.#folder.list())
    if (!ids.has(this.#host.id)) await this.#write()
    for (const id of this.#entries.keys()) if (!ids.has(id)) this.#drop(id)
    const changed = new Set(this.#changed)
    this.#changed.clear()
    let read = 0
    for (const id of ids) {
      if (id === this.#host.id || (this.#entries.has(id) && !changed.has(id))) continue
      await this.#read(id)
      if (++read % TURN_FILES === 0) await turn()
    }
  }

  async #read(id: NodeId): Promise<void> {
    const entry = this.#folder.read(id)
    if (entry === undefined || (await this.#isDead(entry))) {
      if (entry !== undefined) await this.#folder.remove(id)
      this.#drop(id)
      return
    }
    this.#entries.set(id, entry)
    this.#fresh.add(id)
  }

  #drop(id: NodeId): void {
    const entry = this.#entries.get(id)
    if (!this.#entries.delete(id) || entry === undefined || this.#closed) return
    this.#host.gone({ id, endpoint: entry.endpoint })
  }

  /** A process id that is of another namespace says nothing here. */
  async #isDead(entry: FoundEntry): Promise<boolean> {
    const { pid, pidNamespace, writtenAt } = entry
    if (pidNamespace === this.#pidNamespace && !this.#isAlive(pid)) return true
    return Date.now() - writtenAt >= STALE_MS && Date.now() - (await this.#folder.seenAt(entry)) >= STALE_MS
  }

  /** `fresh`: of those that are new. All are told of once a second at most, because the node may not have greeted them. */
  #tell(fresh: boolean): void {
    if (this.#closed) return
    const now = performance.now()
    const isAll = !fresh || now - this.#toldAt >= BUSY_MS
    if (isAll) this.#toldAt = now
    const told = isAll ? this.#entries.keys() : this.#fresh
    for (const id of told) {
      const entry = this.#entries.get(id)
      if (entry !== undefined) this.#host.found({ id, endpoint: entry.endpoint, publicKey: entry.publicKey })
    }
    this.#fresh.clear()
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#folder.path, { persistent: false }, (event, name) => {
        // A file is written by `rename`. One that changes in its place is only touched: that is no news.
        if (event === 'rename') this.#onChange(name)
      })
      this.#watcher.on('error', () => this.#unwatch())
    } catch {
      // The system watches only so many directories. Looking each second does as well.
      this.#unwatch()
    }
  }

  #onChange(name: string | null): void {
    const id = name === null ? undefined : idOfFile(name)
    if (id !== undefined) this.#changed.add(id)
    if (id === this.#host.id || this.#gathering) return
    this.#gathering = true
    this.#plan(Math.max(GATHER_MS, GATHER_SHARE * this.#entries.size))
  }

  #unwatch(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }

  #plan(delay: number): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(async () => {
      const forced = this.#gathering
      this.#gathering = false
      await this.look(forced)
      const idle = this.#watcher !== undefined && performance.now() - this.#busySince >= BUSY_TIME_MS
      // Unless something has changed meanwhile.
      if (!this.#gathering) this.#plan(idle ? IDLE_MS : BUSY_MS)
    }, delay)
  }
}

/** Namespaces have the same numbers on every host, and hosts may share the directory: virtual machines, or by a network. */
function ownPidNamespace(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${readlinkSync('/proc/self/ns/pid')} ${boot}`
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

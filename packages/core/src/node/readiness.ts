import type { Peer, ZreNode } from '@sleuth/zre'
import type { Directory } from '../directory/directory.js'
import { announcedWire } from '../directory/instance.js'
import { sleuthError } from '../shared/errors.js'
import { logProblem } from '../shared/log.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Counters } from '../shared/stats.js'
import { controlPacket } from '../transport/streams/control-packet.js'
import { ControlKind } from '../transport/streams/format.js'
import type { Logger } from '../types.js'
import { ReadinessCheck } from './readiness-check.js'

export interface ReadinessParts {
  readonly node: ZreNode
  readonly options: CheckedOptions
  readonly directory: Directory
  readonly counters: Counters
  readonly log: Logger
}

const READY = Buffer.of(1)
const NOT_READY = Buffer.of(0)

/** Whether this instance wants calls: asks the app, and tells the peers. And what peers say of themselves. */
export class Readiness {
  readonly #parts: ReadinessParts
  readonly #check: ReadinessCheck | undefined
  /** Peers that know this instance as not ready. They take one of which they have heard nothing for ready. */
  readonly #told = new Set<string>()

  constructor(parts: ReadinessParts) {
    this.#parts = parts
    const { options, node, log } = parts
    const { ready } = options
    if (ready === undefined) return
    this.#check = new ReadinessCheck({
      ready,
      changed: (isReady) => {
        log.info({}, isReady ? 'sleuth: this instance is ready' : 'sleuth: this instance is not ready')
        this.#tellAll()
      },
      failed: (why) => logProblem(log, 'error', sleuthError('SLEUTH_READY', { why })),
      checked: () => this.#tellAll(),
    })
    if (options.service === undefined) return
    node.on('enter', (peer) => this.#tell(peer))
    node.on('exit', ({ id }) => this.#told.delete(id))
  }

  get isReady(): boolean {
    return this.#check?.isReady ?? true
  }

  /** Checks at once, and then once a second. */
  start(): void {
    this.#check?.start()
  }

  /**
   * Whether a request is refused, so that its caller asks another instance: one that is ready must be there. Callers that know
   * that this one is not ready call it only if none is.
   */
  get refuses(): boolean {
    const { options, directory } = this.#parts
    return !this.isReady && directory.hasReady(options.service ?? '')
  }

  /** A peer says whether it wants calls. */
  receive(peer: string, payload: Buffer): void {
    const { directory, counters, log } = this.#parts
    const [said] = payload
    if (said === undefined) counters.dropped('ready-message')
    else if (directory.setReady(peer, said !== 0)) {
      const message = said === 0 ? 'an instance is not ready' : 'an instance is ready again'
      counters.warnings.write(log, 'info', { instance: peer }, message)
    }
  }

  close(): void {
    this.#check?.close()
  }

  /** With each check as well: a message may not have been sent, since too much waited for the peer. */
  #tellAll(): void {
    if (this.#parts.options.service === undefined || (this.isReady && this.#told.size === 0)) return
    for (const peer of this.#parts.node.peers()) this.#tell(peer)
  }

  #tell(peer: Peer): void {
    const { isReady } = this
    if (this.#told.has(peer.id) !== isReady || announcedWire(peer) === 1) return
    const bytes = isReady ? READY : NOT_READY
    try {
      this.#parts.node.whisper(peer.id, controlPacket([{ kind: ControlKind.ready, bytes }]))
    } catch {
      return
    }
    if (isReady) this.#told.delete(peer.id)
    else this.#told.add(peer.id)
  }
}

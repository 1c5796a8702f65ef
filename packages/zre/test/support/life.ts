import assert from 'node:assert/strict'
import { type NetworkOptions, VirtualNetwork, type VirtualNode } from '@sleuth/zre/testing'

export interface LifeOptions extends Omit<NetworkOptions, 'seed'> {
  /** Whether connections break as well, and lose what is under way on them. */
  readonly cuts?: boolean
  /** Whether the network is split for a while, also one way only. */
  readonly splits?: boolean
  /** The most nodes at a time. */
  readonly most?: number
}

const GROUPS = ['a', 'b', 'c']

/** A network in which nodes come and go by chance, and whisper to whomever they see, numbered by sender and receiver. */
export class Life {
  readonly network: VirtualNetwork
  /** Whether messages get lost. */
  readonly #holes: boolean
  readonly #cuts: boolean
  readonly #splits: boolean
  readonly #most: number
  readonly #counters = new Map<string, number>()
  readonly #stalled = new Set<VirtualNode>()

  constructor(seed: number, { cuts = false, splits = false, most = 8, ...options }: LifeOptions = {}) {
    this.network = new VirtualNetwork({ seed, ...options })
    this.#holes = cuts || splits
    this.#cuts = cuts
    this.#splits = splits
    this.#most = most
  }

  /** Something happens, then time passes. */
  act(): void {
    const { random } = this.network
    const kinds = [
      this.#join,
      this.#join,
      this.#stop,
      this.#crash,
      this.#restart,
      this.#stall,
      this.#freeze,
      this.#move,
    ]
    if (this.#cuts) kinds.push(this.#cut, this.#cut, this.#cut)
    if (this.#splits) kinds.push(this.#split, this.#split, this.#firewall)
    random.pick(kinds).call(this)
    for (let turns = random.pick([0, 1, 5, 20]); turns > 0; turns--) {
      this.talk()
      this.network.run(random.between(0, 200))
    }
  }

  /** Some nodes whisper to all that they see, and change their groups. */
  talk(): void {
    const { random } = this.network
    for (const node of this.network.live) {
      if (this.#stalled.has(node)) continue
      if (random.chance(0.3)) node[random.pick(['join', 'leave'] as const)](random.pick(GROUPS))
      if (!random.chance(0.5)) continue
      for (const peer of node.peers) this.#whisper(node, peer)
    }
  }

  /** All whisper to all, so that whatever was lost before is noticed. */
  roundRobin(): void {
    for (const node of this.network.live) for (const peer of node.peers) this.#whisper(node, peer)
  }

  whispersHeard(): number {
    const heard = this.network.live.map(
      ({ observed }) => observed.filter(({ type }) => type === 'whisper').length,
    )
    return heard.reduce((sum, count) => sum + count, 0)
  }

  /** Every live node sees exactly every other live node, in the groups that it is in. */
  isWhole(): boolean {
    const { live } = this.network
    return live.every(
      (node) =>
        node.peers.length === live.length - 1 &&
        live.every((other) => other === node || seesRightly(node, other)),
    )
  }

  /** What must hold at any time, however the network treats its nodes. */
  check(): void {
    for (const node of this.network.nodes) {
      assert.deepEqual(node.violations, [], `at ${node.id}`)
      assert.equal(node.dropped['status-mismatch'], undefined, 'status mismatches')
      assert.equal(node.dropped['own-endpoint'], undefined, 'beacons of another node at our endpoint')
      if (!this.#holes) {
        assert.equal(node.dropped.gap, undefined, 'gaps where no connection broke')
        assert.equal(node.dropped.duplicate, undefined, 'duplicates where no connection broke')
      }
      checkWhispers(node, this.#holes)
    }
  }

  #join(): void {
    if (this.network.live.length < this.#most)
      this.network.add({ groups: GROUPS.filter(() => this.network.random.chance(0.3)) })
  }

  #stop(): void {
    this.#anyone()?.stop()
  }

  #crash(): void {
    this.#anyone()?.crash()
  }

  /** Another node takes the place of one that crashed. */
  #restart(): void {
    const gone = this.#anyone()
    gone?.crash()
    if (gone !== undefined) this.network.add({}, { endpoint: gone.endpoint })
  }

  #stall(): void {
    this.#standStill((node) => node.stall())
  }

  #freeze(): void {
    this.#standStill((node) => node.freeze())
  }

  #standStill(how: (node: VirtualNode) => void): void {
    const node = this.#anyone()
    if (node === undefined) return
    how(node)
    this.#stalled.add(node)
    this.network.schedule.after(this.network.random.between(50, 9000), () => {
      this.#stalled.delete(node)
      node.resume()
    })
  }

  /** Its address is another one now. */
  #move(): void {
    const node = this.#anyone()
    const { nodes, random } = this.network
    node?.move(`tcp://10.0.200.${nodes.indexOf(node)}:${Math.floor(random.between(1, 60_000))}`)
  }

  #cut(): void {
    const [from, to] = [this.#anyone(), this.#anyone()]
    if (from === undefined || to === undefined) return
    this.#whisper(from, to.id)
    this.network.disconnect(from, to)
  }

  #split(): void {
    const { live, random, schedule } = this.network
    const heal = this.network.split(
      live.filter(() => random.chance(0.5)),
      random.chance(0.3),
    )
    schedule.after(random.between(50, 9000), heal)
  }

  #firewall(): void {
    const { live, random, schedule } = this.network
    const takeAway = this.network.firewall(live.filter(() => random.chance(0.5)))
    schedule.after(random.between(50, 9000), takeAway)
  }

  #whisper(from: VirtualNode, to: string): void {
    const way = `${from.id} ${to}`
    const number = (this.#counters.get(way) ?? 0) + 1
    this.#counters.set(way, number)
    from.whisper(to, `${to} ${number}`)
  }

  #anyone(): VirtualNode | undefined {
    const awake = this.network.live.filter((node) => !this.#stalled.has(node))
    return awake.length === 0 ? undefined : this.network.random.pick(awake)
  }
}

function seesRightly(node: VirtualNode, other: VirtualNode): boolean {
  const seen = node.node.peer(other.id)
  return (
    seen !== undefined &&
    seen.groups.size === other.groups.size &&
    [...seen.groups].every((group) => other.groups.has(group))
  )
}

/**
 * Whispers come in order, each once, and between `enter` and `exit` of a peer without a hole. Where connections break, one
 * can't be told: when HELLO is lost as well, what follows may by chance have the number that is expected.
 */
function checkWhispers(node: VirtualNode, holes: boolean): void {
  const last = new Map<string, { number: number; fresh: boolean }>()
  for (const { type, peer, detail } of node.observed) {
    const before = last.get(peer) ?? { number: 0, fresh: true }
    if (type === 'enter') last.set(peer, { number: before.number, fresh: true })
    const [to, number] = [detail?.slice(0, 32), Number(detail?.slice(33))]
    // To a node that was at this endpoint before: ZRE's messages do not say whom they are for.
    if (type !== 'whisper' || to !== node.id) continue
    const right = before.fresh || holes ? number > before.number : number === before.number + 1
    assert.ok(right, `whisper ${number} of ${peer} after ${before.number} at ${node.id}`)
    last.set(peer, { number, fresh: false })
  }
}

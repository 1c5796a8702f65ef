import { createSleuth, type Network, type Sleuth, type SleuthOptions } from '@sleuth/core'
import { type NetworkParts, networkKey, sleuthError } from '@sleuth/core/adapter'
import { LiveSchedule, VirtualNetwork } from '@sleuth/zre/testing'
import { type Fault, Faults } from './faults.js'
import { Members, type Target } from './members.js'
import type { MockHandler } from './mock/handler.js'
import { type MockFactory, MockInstance, type MockOptions } from './mock/mock-service.js'
import { checkOptions, isTime, rangeOf, type TestNetworkOptions } from './options.js'
import { turn } from './quiet.js'
import { VirtualClock } from './virtual-clock.js'

export type { TestNetworkOptions } from './options.js'

/** More turns of the event loop than it takes to meet, or to part, where nothing takes time. */
const MOST_TURNS = 100

/** A network in this process, without sockets. */
export function createTestNetwork(options?: TestNetworkOptions): TestNetwork {
  return new TestNetwork(options)
}

/** What `createTestNetwork` gives. It is the option `network` of `createSleuth` and of the adapters. */
export class TestNetwork implements Network {
  readonly [Symbol.toStringTag] = 'SleuthNetwork'
  readonly [networkKey]: NetworkParts
  readonly #schedule = new LiveSchedule()
  readonly #virtual: VirtualNetwork
  readonly #members: Members
  readonly #faults = new Faults()
  readonly #clock: VirtualClock | undefined
  readonly #onClose: () => void
  #closing: Promise<void> | undefined

  /** `onClose` is called when it begins to close. */
  constructor(options?: TestNetworkOptions, onClose: () => void = () => {}) {
    const { latency, loss, clock, seed } = checkOptions(options)
    this.#onClose = onClose
    this.#clock = clock === 'virtual' ? new VirtualClock() : undefined
    // There and back: a caller knows by then that a service has left.
    const settleTime = 2 * latency[1]
    this.#virtual = new VirtualNetwork({
      ...{ seed, schedule: this.#schedule, checkTime: settleTime, settleTime, proven: true },
      ...{ beaconDelay: latency, messageDelay: latency, beaconLoss: loss, messageLoss: loss },
    })
    this.#members = new Members(this.#virtual, () => this.#schedule.clear())
    this[networkKey] = {
      createNode: async (nodeOptions, member) => {
        if (this.#closing) throw new Error('the test network is closed')
        return this.#members.add(nodeOptions, member)
      },
      joined: ({ sleuth }) => this.#meet(sleuth),
      graceTime: settleTime,
    }
  }

  /** `createSleuth` of `@sleuth/core`, on this network. Without latency it knows all others when this resolves, and they know it. */
  createSleuth(options?: Omit<SleuthOptions, 'network'>): Promise<Sleuth> {
    return createSleuth({ ...options, network: this })
  }

  /** A service that answers as it is told, and records what it is asked. Without a handler it answers with 200 and no body. */
  readonly mockService: MockFactory = (name: string, handler: MockHandler = 200, options: MockOptions = {}) =>
    MockInstance.start(this, this.#faults, name, handler, options)

  /** Instances go without a word, as by SIGKILL. Their requests in flight break off, and the others see it at once. */
  async kill(target: Target | readonly Target[]): Promise<void> {
    const ids = await this.#members.kill(target)
    await soon(() => !this.#members.isPresent(ids))
  }

  /**
   * What one side says does not reach the other, and waits: calls get no answer. When it lasts for longer than `lostAfter`, the
   * others are gone. `other`: by default all that are not in `one`, and those that join later.
   */
  partition(one: Target | readonly Target[], other?: Target | readonly Target[]): Fault {
    const outside = other === undefined ? undefined : this.#members.nodesOf(other)
    return this.#faults.begin([this.#virtual.split(this.#members.nodesOf(one), false, outside)])
  }

  /** All that instances send and are sent takes longer: so many milliseconds, or from the least to the most. */
  delay(target: Target | readonly Target[], latency: number | readonly [least: number, most: number]): Fault {
    const range = rangeOf('latency', latency)
    return this.#faults.begin(this.#members.nodesOf(target).map((node) => this.#virtual.slow(node, range)))
  }

  /** Connections of instances break, and nobody can connect to them nor they to others, as behind a closed port. */
  refuse(target: Target | readonly Target[]): Fault {
    return this.#faults.begin(this.#members.nodesOf(target).map((node) => this.#virtual.isolate(node)))
  }

  /** Instances read nothing and say nothing, as by SIGSTOP: calls to them get no answer. */
  freeze(target: Target | readonly Target[]): Fault {
    const nodes = this.#members.nodesOf(target)
    for (const node of nodes) node.freeze()
    return this.#faults.begin(nodes.map((node) => () => node.resume()))
  }

  /** Ends all faults, but not those of instances that were killed. */
  heal(): void {
    this.#faults.healAll()
  }

  /** Lets so many milliseconds pass, and resolves when all has happened that was due. Needs `clock: 'virtual'`. */
  async advance(milliseconds: number): Promise<void> {
    const wrong = (argument: string, problem: string) => sleuthError('SLEUTH_ARGUMENT', { argument, problem })
    if (!isTime(milliseconds)) throw wrong('milliseconds', 'must be a number from 0 to 600000')
    if (this.#clock === undefined) {
      throw wrong('options.clock', 'must be "virtual" for advance(): createTestNetwork({ clock: "virtual" })')
    }
    if (this.#closing)
      throw wrong('advance()', 'needs an open network: this one is closed, and has given the clock back')
    await this.#clock.advance(milliseconds)
  }

  /** All that are on the network end at once, as if they were killed. Resolves when nothing of it is left. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#onClose()
    this.#faults.healAll()
    try {
      await this.#members.killAll()
    } finally {
      this.#schedule.clear()
      this.#clock?.uninstall()
    }
  }

  async #meet(sleuth: Sleuth): Promise<void> {
    await soon(() => this.#members.hasMetAll(sleuth))
  }
}

/** Resolves when something holds, and otherwise after a time that is enough where nothing takes time. */
async function soon(holds: () => boolean): Promise<void> {
  for (let turns = 0; turns < MOST_TURNS && !holds(); turns++) await turn()
}

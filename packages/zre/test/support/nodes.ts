import { createSocket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createNode,
  type Logger,
  type NodeEvents,
  type NodeOptions,
  type Peer,
  type ZreNode,
} from '@sleuth/zre'

const PORTS = 10
let ports = 0

/**
 * A discovery port that nobody uses, below those that the system hands out. Each test process has ten of its own, in turn: of
 * tests that run at the same time, two must not be given one port before either has bound it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + (process.pid % 1000) * PORTS + (ports++ % PORTS)
    const socket = createSocket('udp4')
    socket.bind({ port, exclusive: true })
    const free = await once(socket, 'listening').then(
      () => true,
      () => false,
    )
    if (!free) continue
    socket.close()
    return port
  }
}

/** Nodes on loopback, on a discovery port of their own, all of which are closed at the end. */
export class Nodes {
  readonly port: number
  readonly #open: ZreNode[] = []

  private constructor(port: number) {
    this.port = port
  }

  static async open(): Promise<Nodes> {
    return new Nodes(await freePort())
  }

  async add(options: NodeOptions = {}): Promise<ZreNode> {
    const node = await createNode({ interface: 'loopback', port: this.port, ...options })
    this.#open.push(node)
    return node
  }

  /** Nodes that see each other. */
  async group(count: number, options: NodeOptions = {}): Promise<ZreNode[]> {
    const nodes = await Promise.all(Array.from({ length: count }, () => this.add(options)))
    await Promise.all(nodes.flatMap((node) => nodes.map(({ id }) => id === node.id || present(node, id))))
    return nodes
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#open.map((node) => node.close()))
  }
}

/** The next event of that type that matches. */
export function event<E extends keyof NodeEvents>(
  node: ZreNode,
  type: E,
  matches: (...args: NodeEvents[E]) => boolean = () => true,
): Promise<NodeEvents[E]> {
  const emitter = node as EventEmitter
  return new Promise((resolve) => {
    const listener = (...args: unknown[]) => {
      if (!matches(...(args as NodeEvents[E]))) return
      emitter.off(type, listener)
      resolve(args as NodeEvents[E])
    }
    emitter.on(type, listener)
  })
}

export async function present(node: ZreNode, id: string): Promise<Peer> {
  return node.peer(id) ?? (await event(node, 'enter', (peer) => peer.id === id))[0]
}

export async function gone(node: ZreNode, id: string): Promise<string | undefined> {
  if (node.peer(id) === undefined) return undefined
  const [, reason] = await event(node, 'exit', (peer) => peer.id === id)
  return reason
}

/** The texts of whispers, as they come. */
export function whispers(node: ZreNode): { texts: string[]; until(count: number): Promise<string[]> } {
  const texts: string[] = []
  node.on('whisper', (_peer, frames) => texts.push(frames.map(String).join('|')))
  return {
    texts,
    async until(count) {
      while (texts.length < count) await event(node, 'whisper')
      return texts
    },
  }
}

/** Waits until a node has dropped so many things for a reason. Not by the log, in which such lines are few. */
export async function dropped(node: ZreNode, reason: string, count = 1): Promise<void> {
  while ((node.stats().dropped[reason] ?? 0) < count) await sleep(5)
}

/** A logger that tells of each thing thrown away: a test waits for that instead of a time. */
export class DropLog extends EventEmitter<{ drop: [reason: string] }> implements Logger {
  readonly reasons: string[] = []

  debug(fields: { reason?: string }): void {
    if (fields.reason === undefined) return
    this.reasons.push(fields.reason)
    this.emit('drop', fields.reason)
  }

  async until(reason: string, count = 1): Promise<void> {
    while (this.reasons.filter((each) => each === reason).length < count) await once(this, 'drop')
  }

  trace(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
}

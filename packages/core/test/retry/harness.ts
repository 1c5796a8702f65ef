import type { RequestListener } from 'node:http'
import type { ResetReason } from '#src/transport/transport.js'
import type { SleuthOptions } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join } from '../harness.js'
import type { Frame } from '../transport/streams/frames.js'
import { type RawPeer, rawPeer, responseFrame } from '../transport/streams/harness.js'

/** An instance of `foo` in the test's own hands. */
export interface Puppet extends RawPeer {
  /** The streams of the requests that it has heard. */
  asked(): number[]
  answer(body?: string): void
  refuse(why?: ResetReason): void
}

function puppet(peer: RawPeer): Puppet {
  const asked = () => peer.heard.filter(({ kind }) => kind === 'request').map(({ stream }) => stream)
  const last = () => asked().at(-1) as number
  return {
    ...peer,
    asked,
    answer: (body = '') => peer.say(responseFrame(last(), { body })),
    refuse: (why = 'draining') => peer.say({ kind: 'serviceReset', stream: last(), why }),
  }
}

/** A caller who has time, and so many instances that do nothing by themselves. Round-robin begins with the first. */
export async function puppets(count: number, options: SleuthOptions = {}) {
  const network = new FakeNetwork()
  const caller = await join(network, { timeout: Infinity, ...options })
  const peers = Array.from({ length: count }, () => puppet(rawPeer(network, caller.node, 'foo')))
  const add = () => puppet(rawPeer(network, caller.node, 'foo'))
  return { network, caller, sleuth: caller.sleuth, peers: peers as [Puppet, Puppet, Puppet], add }
}

/** A caller, and an instance for each handler, in the order of their turns. */
export async function mesh(
  handlers: readonly RequestListener[],
  { server, client }: { server?: SleuthOptions; client?: SleuthOptions } = {},
) {
  const network = new FakeNetwork()
  const caller = await join(network, client)
  const servers = []
  for (const handler of handlers) servers.push(await join(network, { service: 'foo', handler, ...server }))
  return { network, caller, sleuth: caller.sleuth, servers }
}

export function resetsOf({ heard }: RawPeer): Frame[] {
  return heard.filter(({ kind }) => kind === 'callerReset')
}

import { type Check, count, type Finding, fail, ok, summed, warn } from '../check.js'
import type { Context } from '../context.js'
import { whyUnreachable } from '../endpoint.js'
import { mapLimited } from '../limited.js'
import { isMesh, type MeshPeer, nameOf } from '../mesh.js'

/** Nodes that are looked at at a time: each may take a few seconds. */
const AT_A_TIME = 32

type Needs = Pick<Context, 'settings' | 'probes' | 'mesh' | 'heard' | 'askBack'>

/** Whether each known node can be reached, and can reach us. */
export const peers: Check = {
  name: 'peers',
  async run(context: Needs): Promise<Finding[]> {
    const mesh = await context.mesh()
    if (!isMesh(mesh)) {
      return [fail(`no node can join the network: ${mesh.message}`, 'Mend what the other checks say.')]
    }
    const keys = new Map((await context.heard()).nodes.map(({ id, key }) => [id, key]))
    const results = await mapLimited(mesh.peers, AT_A_TIME, (peer) => look(peer, keys.get(peer.id), context))
    const problems = results.filter((result) => result !== undefined)
    const fine = results.length - problems.length
    const told = summed(problems, 'node')
    if (fine === 0) return told
    return [ok(`${count(fine, 'node')} can be reached, and can reach this machine`), ...told]
  },
}

/** Undefined if nothing is wrong. */
async function look(
  peer: MeshPeer,
  heardKey: string | undefined,
  context: Needs,
): Promise<Finding | undefined> {
  const { settings, probes } = context
  const name = nameOf(peer)
  const key = peer.key ?? heardKey
  if (peer.reach === 'connected') return connected(peer, context)
  if (peer.reach === 'refused') {
    return fail(
      `${name}: it does not let our key in`,
      'Put our public key into its allow list: sleuth keys show <file> prints it.',
    )
  }
  if (!(await probes.shakeHands(peer.endpoint, key))) {
    return whyUnreachable(name, peer.endpoint, settings.keys !== undefined, probes)
  }
  const there = await probes.identify(peer.endpoint, key)
  if (there !== undefined && there !== peer.id) {
    return fail(
      `${name}: another node is there now`,
      'Nothing, if it was restarted just now; else give each node a port of its own (listen).',
    )
  }
  return fail(
    `${name}: it can be reached, and no connection from it comes in`,
    'Let TCP in on this machine from that one, on all ports that the system picks for programs, or set listen to a port that is open.',
  )
}

/** A node that is met can reach us, unless it answers on the connection that we made. */
async function connected(peer: MeshPeer, { askBack, settings }: Needs): Promise<Finding | undefined> {
  switch (peer.announced?.connections) {
    case 'ours': {
      // So it was told to be.
      if (settings.discovery?.advertise === false) return undefined
      const why = await askBack(peer.id)
      return warn(
        `${nameOf(peer)}: it can't connect to this machine${why === undefined ? '' : ` (${why})`}, and answers on our connection`,
        remedyFor(why),
      )
    }
    case 'theirs':
      return warn(
        `${nameOf(peer)}: this machine can't connect to it, and answers on its connection`,
        'Let TCP in on that machine; behind NAT this is as it should be.',
      )
    default:
      return undefined
  }
}

function remedyFor(why: string | undefined): string {
  if (why !== undefined && /refused/i.test(why))
    return 'The endpoint that we tell is not where we listen: correct advertise, or the forwarded port.'
  if (why !== undefined && /key|CURVE|handshake/i.test(why))
    return 'Compare the keys of both, and look what else listens at our endpoint.'
  return 'Let TCP in on this machine; behind NAT this is as it should be, and SLEUTH_ADVERTISE=none spares the attempt.'
}

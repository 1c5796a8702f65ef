import { type Check, count, type Finding, fail, ok, warn } from '../check.js'
import type { Context } from '../context.js'
import { peersOf } from '../mesh.js'

/** What a node takes for each peer, rounded up: two connections, a mailbox, and its monitor. */
const FILES_PER_PEER = 6
/** What Node and the node take by themselves, and the app. */
const OTHER_FILES = 100
/** A network that may grow this much is no reason to warn. */
const ENOUGH_PEERS = 100

/** The limit of open files against the peers of the network. */
export const descriptors: Check = {
  name: 'descriptors',
  async run({ system, settings, mesh }: Pick<Context, 'system' | 'settings' | 'mesh'>): Promise<Finding[]> {
    const limit = system.maxFiles()
    if (limit === undefined) return []
    const peers = peersOf(await mesh()).length
    const room = Math.max(0, Math.floor((limit - OTHER_FILES) / FILES_PER_PEER))
    const text = `${Number.isFinite(limit) ? limit : 'any number of'} open files are allowed`
    if (room >= settings.maxPeers) return [ok(`${text}, enough for ${settings.maxPeers} peers`)]
    const short = `${text}, enough for ${count(room, 'peer')}; ${count(peers, 'peer')} ${peers === 1 ? 'is' : 'are'} here`
    const remedy =
      'Raise the limit: ulimit -n 65536 in the shell, LimitNOFILE= in a systemd unit, --ulimit nofile= in Docker.'
    if (room <= peers) return [fail(short, remedy)]
    return [room < ENOUGH_PEERS || room < 2 * peers ? warn(short, remedy) : ok(short)]
  },
}

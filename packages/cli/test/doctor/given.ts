import type { NetworkInterfaceInfo } from 'node:os'
import { checkDiscovery } from '@sleuth/zre/diagnostics'
import type { Finding } from '#src/doctor/check.js'
import type { Context, Settings } from '#src/doctor/context.js'
import type { Heard } from '#src/doctor/heard.js'
import type { Announced, Mesh, MeshPeer } from '#src/doctor/mesh.js'
import type { Probes } from '#src/doctor/probes.js'
import type { System } from '#src/doctor/system.js'

/** A machine as a test wants it: Linux with one Ethernet, where all is well. */
export function system(
  given: Omit<Partial<System>, 'read' | 'run'> & {
    /** Text by path. */
    readonly files?: Readonly<Record<string, string>>
    /** What programs print, by their command line up to there. */
    readonly programs?: Readonly<Record<string, string>>
  } = {},
): System {
  const { files = {}, programs = {}, ...rest } = given
  return {
    platform: 'linux',
    arch: 'x64',
    node: '24.1.0',
    env: {},
    interfaces: () => ({ eth0: [ipv4('10.0.0.7')] }),
    libc: () => 'glibc 2.36',
    maxFiles: () => 65_536,
    addon: () => ({ version: '4.3.5', curve: true }),
    hostFolder: async () => ({ path: '/tmp/sleuth-1/5670', entries: 0 }),
    ...rest,
    read: async (path) => files[path],
    run: async (program, args) => {
      const line = [program, ...args].join(' ')
      return Object.entries(programs).find(([start]) => line.startsWith(start))?.[1]
    },
  }
}

export function ipv4(address: string, netmask = '255.255.255.0', internal = false): NetworkInterfaceInfo {
  return { address, netmask, internal, family: 'IPv4', mac: '00:00:00:00:00:00', cidr: null }
}

export const keys = {
  publicKey: 'Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID',
  secretKey: 'D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs',
}

export function settings(given: Partial<Settings> & { seeds?: string[] } = {}): Settings {
  const { seeds = [], ...rest } = given
  return {
    preference: { value: undefined, source: '' },
    port: 5670,
    ports: [],
    group: 'SLEUTH-v1',
    keys: undefined,
    discovery: checkDiscovery({ seeds, security: rest.keys && { ...rest.keys, allow: [] } }, {}),
    maxPeers: 1024,
    ...rest,
  }
}

export const network = {
  name: 'eth0',
  address: '10.0.0.7',
  netmask: '255.255.255.0',
  broadcast: '10.0.0.255',
  loopback: false,
}

export const loopback = {
  name: 'lo',
  address: '127.0.0.1',
  netmask: '255.0.0.0',
  broadcast: '127.255.255.255',
  loopback: true,
}

export function probes(given: Partial<Probes> = {}): Probes {
  return {
    bindUdp: async () => undefined,
    bindTcp: async () => undefined,
    echo: async () => [],
    greet: async () => ({ type: 'greeted', mechanism: 'NULL' }),
    shakeHands: async () => true,
    identify: async () => undefined,
    resolve: async () => [],
    close() {},
    ...given,
  }
}

export function announced(given: Partial<Announced> = {}): Announced {
  return {
    service: 'a-service',
    version: '1.0.0',
    groups: ['SLEUTH-v1'],
    wire: 2,
    isGo: false,
    connections: 'both',
    ...given,
  }
}

let ids = 0

export function peer(given: Partial<MeshPeer> = {}): MeshPeer {
  ids++
  return {
    id: ids.toString(16).toUpperCase().padStart(32, '0'),
    name: 'peer',
    endpoint: `tcp://10.0.0.8:${40_000 + ids}`,
    reach: 'connected',
    announced: announced(),
    key: undefined,
    roundTrips: [1, 2],
    ...given,
  }
}

export function mesh(peers: readonly MeshPeer[], given: Partial<Mesh> = {}): () => Promise<Mesh> {
  return async () => ({
    own: new Set(['OWN']),
    peers,
    dropped: {},
    answeringAfter: async (_, asked) => new Set(asked),
    close: async () => {},
    ...given,
  })
}

export function heard(given: Partial<Heard> = {}): () => Promise<Heard> {
  return async () => ({ nodes: [], strangers: [], ...given })
}

export const askBack: Context['askBack'] = async () => undefined

/** Findings as lines: `warn: what was seen`. */
export function lines(findings: readonly Finding[]): string[] {
  return findings.map(({ status, text }) => `${status}: ${text}`)
}

/** The one finding that is not well. Fails if there is none or another, or if it has no remedy. */
export function problem(findings: readonly Finding[]): Required<Finding> {
  const [found, ...more] = findings.filter(({ status }) => status !== 'ok')
  if (found === undefined || more.length > 0)
    throw new Error(`not one problem:\n${lines(findings).join('\n')}`)
  const { remedy = '' } = found
  // A sentence, or the address of a page.
  if (!/(?:\.|https:\S+)$/.test(remedy)) throw new Error(`no remedy: ${found.text}`)
  return { ...found, remedy }
}

/** No problem at all. */
export function well(findings: readonly Finding[]): string[] {
  const problems = findings.filter(({ status }) => status !== 'ok')
  if (problems.length > 0) throw new Error(lines(problems).join('\n'))
  return findings.map(({ text }) => text)
}

import type { System } from './system.js'

/** Where what is for other networks goes. */
export interface DefaultRoute {
  readonly interface: string
  readonly gateway: string | undefined
}

/** Undefined if there is none, or it is not known on this system. */
export async function defaultRoute(
  system: Pick<System, 'platform' | 'read' | 'run'>,
): Promise<DefaultRoute | undefined> {
  if (system.platform === 'linux') return ofLinux((await system.read('/proc/net/route')) ?? '')
  if (system.platform === 'darwin')
    return ofDarwin((await system.run('route', ['-n', 'get', 'default'])) ?? '')
  return undefined
}

/** The kernel's table has addresses in hexadecimal, in the byte order of the machine: little endian wherever Node runs. */
function ofLinux(table: string): DefaultRoute | undefined {
  let best: (DefaultRoute & { metric: number }) | undefined
  for (const line of table.split('\n').slice(1)) {
    const [name = '', target, gateway = '', , , , metric, mask] = line.split(/\s+/)
    if (target !== '00000000' || mask !== '00000000') continue
    if (best !== undefined && best.metric <= Number(metric)) continue
    best = { interface: name, gateway: addressOf(gateway), metric: Number(metric) }
  }
  return best && { interface: best.interface, gateway: best.gateway }
}

function addressOf(hex: string): string | undefined {
  if (hex === '00000000' || !/^[0-9A-F]{8}$/i.test(hex)) return undefined
  return (hex.match(/../g) ?? [])
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.')
}

function ofDarwin(text: string): DefaultRoute | undefined {
  const [, name] = /interface: (\S+)/.exec(text) ?? []
  const [, gateway] = /gateway: ([\d.]+)/.exec(text) ?? []
  return name === undefined ? undefined : { interface: name, gateway }
}

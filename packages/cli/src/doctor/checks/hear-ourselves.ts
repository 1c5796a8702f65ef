import { type Check, type Finding, fail, ok, warn } from '../check.js'
import type { Context } from '../context.js'
import type { Echo, Way } from '../echo.js'

/** Whether what this machine sends by broadcast, multicast and on loopback comes back to it. */
export const hearOurselves: Check = {
  name: 'hear-ourselves',
  async run({
    system,
    settings,
    network,
    probes,
  }: Pick<Context, 'system' | 'settings' | 'network' | 'probes'>): Promise<Finding[]> {
    if (network instanceof Error) return []
    let echoes: readonly Echo[]
    try {
      echoes = await probes.echo(network, settings.port)
    } catch {
      // The port can't be bound: its own check says why.
      return []
    }
    const heard = echoes.filter((echo) => echo.heard).map(({ way }) => way)
    const findings = heard.length > 0 ? [ok(`this machine hears itself by ${heard.join(', ')}`)] : []
    for (const echo of echoes.filter((each) => !each.heard)) {
      // Nodes use both ways, so that one is enough for them.
      const isSpare =
        !network.loopback && (echo.way === 'loopback' || heard.some((way) => way !== 'loopback'))
      const text = sentenceOf(echo, network.name)
      const remedy = remedyOf(echo, system.platform, settings.port)
      findings.push(isSpare ? warn(text, remedy) : fail(text, remedy))
    }
    return findings
  },
}

const NAMES: Record<Way, string> = {
  broadcast: 'broadcast',
  multicast: 'multicast (224.0.0.250)',
  loopback: 'loopback',
}

function sentenceOf({ way, error }: Echo, name: string): string {
  const on = way === 'loopback' ? NAMES.loopback : `${NAMES[way]} on ${name}`
  if (error === undefined) return `what is sent by ${on} does not come back`
  return `nothing can be sent by ${on}: ${reasonOf(error)}`
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EPERM':
      return 'a firewall of this machine forbids it (EPERM)'
    case 'EACCES':
      return 'the system forbids it to this process (EACCES)'
    case 'EHOSTUNREACH':
      return 'the system says that there is no way there (EHOSTUNREACH)'
    case 'ENETUNREACH':
      return 'there is no route (ENETUNREACH)'
    case 'EADDRNOTAVAIL':
      return 'the address is not there, or can not be used so (EADDRNOTAVAIL)'
    case 'ENODEV':
      return 'the interface does not support it (ENODEV)'
    default:
      return message
  }
}

function remedyOf({ way, error }: Echo, platform: NodeJS.Platform, port: number): string {
  const alone = 'on one machine alone, SLEUTH_INTERFACE=loopback does without datagrams'
  if (platform === 'darwin') {
    return `In System Settings, Privacy & Security, Local Network, allow the app that starts node (the terminal, the editor, the agent), and start it again; ${alone}.`
  }
  if (platform === 'win32') {
    return `Set the network to Private, and allow node in Windows Defender Firewall: New-NetFirewallRule -DisplayName sleuth -Direction Inbound -Protocol UDP -LocalPort ${port} -Action Allow.`
  }
  if (error?.code === 'ENODEV')
    return `Switch multicast on (ip link set <interface> multicast on), or set seeds.`
  if (error?.code === 'ENETUNREACH' || error?.code === 'EHOSTUNREACH') {
    return 'Look for a rule or route that rejects it (ip rule; ip route get <broadcast address>), or set SLEUTH_INTERFACE to another interface.'
  }
  if (way === 'loopback') return 'Bring up the loopback interface: ip link set lo up.'
  return `Let UDP port ${port} pass: sudo ufw allow proto udp to any port ${port}, or firewall-cmd --add-port=${port}/udp, or look at nft list ruleset; ${alone}.`
}

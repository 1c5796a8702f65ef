import { type Check, type Finding, fail, ok } from '../check.js'
import type { Context } from '../context.js'
import { ownersOf } from '../port-owners.js'

/** Whether the discovery port can be bound, and who has it. */
export const udpPort: Check = {
  name: 'udp-port',
  async run({
    system,
    settings,
    probes,
  }: Pick<Context, 'system' | 'settings' | 'probes'>): Promise<Finding[]> {
    const { port } = settings
    const error = await probes.bindUdp(port)
    const owners = await ownersOf(port, system)
    if (error === undefined) {
      const others = owners === undefined ? '' : `; it is shared with ${owners}`
      return [ok(`UDP port ${port} can be bound${others}`)]
    }
    if (error.code === 'EADDRINUSE')
      return [
        fail(
          `UDP port ${port} is taken ${owners === undefined ? 'by another program' : `by ${owners}`}`,
          remedy(port, system.platform, owners),
        ),
      ]
    if (error.code === 'EACCES')
      return [
        fail(
          `UDP port ${port} may not be bound by this user`,
          'Use a port above 1023, the same for all services.',
        ),
      ]
    return [
      fail(
        `UDP port ${port} can't be bound: ${error.message}`,
        'Use another port for all services, by the option port.',
      ),
    ]
  },
}

function remedy(port: number, platform: NodeJS.Platform, owners: string | undefined): string {
  const end = 'End that program, or use another port for all services, by the option port.'
  if (owners !== undefined) return end
  if (platform === 'win32')
    return `Find it with Get-Process -Id (Get-NetUDPEndpoint -LocalPort ${port}).OwningProcess. ${end}`
  return `Find it with ${platform === 'linux' ? `sudo ss -lunp sport = :${port}` : `sudo lsof -nP -iUDP:${port}`}. ${end}`
}

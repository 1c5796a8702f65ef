import { type Check, type Finding, ok, warn } from '../check.js'
import type { Context } from '../context.js'

const MIRROR =
  'Write networkingMode=mirrored under [wsl2] in .wslconfig, run wsl --shutdown, and allow UDP 5670 and TCP in the Windows firewall; or keep all services inside WSL with SLEUTH_INTERFACE=loopback.'

/** The network of the Windows Subsystem for Linux. */
export const wsl: Check = {
  name: 'wsl',
  async run({ system }: Pick<Context, 'system'>): Promise<Finding[]> {
    if (system.platform !== 'linux') return []
    const kernel = (await system.read('/proc/version')) ?? ''
    if (!/microsoft/i.test(kernel)) return []
    if (!/WSL2|microsoft-standard/.test(kernel)) {
      return [
        warn(
          'this is WSL 1, whose network was never tried',
          'Convert the distribution with wsl --set-version <name> 2.',
        ),
      ]
    }
    const mode = (await system.run('wslinfo', ['--networking-mode']))?.trim()
    if (mode === 'mirrored') {
      return [ok('this is WSL 2 with mirrored networking: the Windows firewall decides what comes in')]
    }
    const text =
      mode === undefined
        ? 'this is WSL 2, by default behind NAT'
        : `this is WSL 2 with networking mode ${mode}`
    return [warn(`${text}: other machines are not heard`, MIRROR)]
  },
}

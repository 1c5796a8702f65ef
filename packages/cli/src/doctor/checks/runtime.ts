import { isNodeSupported } from '@sleuth/core/diagnostics'
import { type Check, type Finding, fail, ok, warn } from '../check.js'
import type { Context } from '../context.js'

/** For which zeromq brings a binary. */
const PREBUILT: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['arm64', 'x64'],
  linux: ['arm64', 'x64'],
  win32: ['arm64', 'ia32', 'x64'],
}

/** Node, the architecture and the C library. */
export const runtime: Check = {
  name: 'runtime',
  async run({ system }: Pick<Context, 'system'>): Promise<Finding[]> {
    const { node, platform, arch } = system
    const libc = system.libc()
    const place = `Node ${node} on ${platform} ${arch}${libc === undefined ? '' : `, ${libc}`}`
    const findings: Finding[] = []
    if (!isNodeSupported(node)) {
      findings.push(fail(`${place}: too old`, 'Install Node 22.12 or later, or Node 20 from 20.19 on.'))
    }
    if (!PREBUILT[platform]?.includes(arch)) {
      const remedy =
        'If the check "addon" fails, install a C++ compiler and cmake, and run npm rebuild zeromq.'
      findings.push(warn(`${place}: zeromq brings no binary for it and is compiled at the install`, remedy))
    }
    return findings.length > 0 ? findings : [ok(place)]
  },
}

import { type Check, type Finding, fail, ok, warn } from '../check.js'
import type { Context } from '../context.js'

/** The native addon loads, and can encrypt. */
export const addon: Check = {
  name: 'addon',
  async run({ system, settings }: Pick<Context, 'system' | 'settings'>): Promise<Finding[]> {
    try {
      const { version, curve } = system.addon()
      if (curve) return [ok(`zeromq loads: libzmq ${version}, with CURVE`)]
      const text = `libzmq ${version} was built without CURVE, so it can't encrypt`
      const remedy = 'Run npm rebuild zeromq, or install it with libsodium.'
      return [settings.keys === undefined ? warn(text, remedy) : fail(text, remedy)]
    } catch (error) {
      return [fail((error as Error).message, remedyFor((error as Error).message))]
    }
  },
}

function remedyFor(message: string): string {
  if (/GLIBC|GLIBCXX|libstdc\+\+/.test(message)) {
    return 'The C library is older than the binary needs: use a newer system or image, or compile with npm rebuild zeromq --build-from-source.'
  }
  if (/musl|ld-linux|Error relocating/.test(message)) {
    return 'The binary is for another C library: install the packages inside the image that runs them.'
  }
  if (
    /wrong ELF class|incompatible architecture|not a valid Win32|invalid ELF header|mach-o/i.test(message)
  ) {
    return 'node_modules is from another platform: delete it, and run npm ci on this one.'
  }
  return 'Run npm rebuild zeromq; if npm ran with --ignore-scripts, run npm rebuild zeromq once with scripts.'
}

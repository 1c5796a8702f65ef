import { sleuthError } from './errors.js'

/**
 * As in the `engines` of the package, on which package managers do not insist. 20.19 and 22.12 are the first of their lines that
 * `require` ES modules, which Node 21 never does. Node 21 and 22.1 have no `zlib.crc32` either.
 */
export function isNodeSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major === 20) return minor >= 19
  return major === 22 ? minor >= 12 : major > 22
}

/** Throws if this version of Node is too old. */
export function checkNodeVersion(version: string): void {
  if (!isNodeSupported(version)) throw sleuthError('SLEUTH_NODE_VERSION', { version })
}

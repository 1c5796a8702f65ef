import { sleuthError } from './errors.js'

/** As in the `engines` of the package, which package managers do not insist on. */
const [MAJOR, MINOR] = [20, 19]

/** Throws if this version of Node is too old. */
export function checkNodeVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < MAJOR || (major === MAJOR && minor < MINOR))
    throw sleuthError('SLEUTH_NODE_VERSION', { version })
}

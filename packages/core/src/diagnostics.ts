/** For tools that look at a network from outside, as `sleuth doctor` does. No public API: it may change in any release. */

export { announcedWire, isGo, nameOf, versionOf } from './directory/instance.js'
export { pageAt } from './shared/error-codes.js'
export { isLogLevel } from './shared/log.js'
export { isNodeSupported } from './shared/node-version.js'
export { environmentOptions } from './shared/options/environment.js'
export { checkOptions } from './shared/options/options.js'

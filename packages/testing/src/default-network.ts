import { networkKey, sleuthError } from '@sleuth/core/adapter'
import type { MockHandler } from './mock/handler.js'
import type { MockFactory, MockOptions } from './mock/mock-service.js'
import { TestNetwork, type TestNetworkOptions } from './network.js'

const place = globalThis as { [networkKey]?: TestNetwork }

/**
 * Puts the process on a network in memory: every `createSleuth` and every adapter that names no `network` joins it from now on,
 * until it is closed. Without options it returns the network that the process is on already.
 */
export function installTestNetwork(options?: TestNetworkOptions): TestNetwork {
  const installed = place[networkKey]
  if (installed !== undefined) {
    if (options === undefined) return installed
    const problem = 'come too late: this process is on a test network already, so close that first'
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'options of installTestNetwork', problem })
  }
  const network = new TestNetwork(options, () => {
    if (place[networkKey] === network) delete place[networkKey]
  })
  place[networkKey] = network
  return network
}

/** `mockService` of the network that the process is on. Where there is none, it puts the process on one. */
export const mockService: MockFactory = async (name: string, handler?: MockHandler, options?: MockOptions) =>
  installTestNetwork().mockService(name, handler, options)

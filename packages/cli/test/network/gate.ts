import type { TestContext } from 'node:test'
import { createSleuth, type RequestListener, type Sleuth, type SleuthOptions } from '@sleuth/core'
import { Gateway } from '#src/gateway/gateway.js'
import type { AccessEntry, GatewayOptions } from '#src/gateway/options.js'
import { freePort } from './ports.js'

export interface Gate {
  readonly gateway: Gateway
  /** The TCP port of the gateway. */
  readonly port: number
  readonly services: readonly Sleuth[]
  readonly log: readonly AccessEntry[]
}

/** A gateway before services on a network of their own. */
export async function gate(
  t: TestContext,
  handlers: Readonly<Record<string, RequestListener>>,
  options: Partial<GatewayOptions> = {},
  ofServices: SleuthOptions = {},
): Promise<Gate> {
  const network = { interface: 'loopback', port: await freePort() }
  const log: AccessEntry[] = []
  const gateway = new Gateway({
    hosts: ['localhost'],
    allow: undefined,
    origins: [],
    behindProxy: false,
    select: {},
    timeout: 30_000,
    clientHeadTime: 30_000,
    stallTime: 30_000,
    maxConnections: 100,
    log: (entry) => log.push(entry),
    ...options,
  })
  const { port } = await gateway.listen(0, '127.0.0.1')
  const services = await Promise.all(
    Object.entries(handlers).map(([service, handler]) =>
      createSleuth({ ...network, service, handler, drainTimeout: 0, ...ofServices }),
    ),
  )
  const { limits } = ofServices
  const sleuth = await createSleuth({ ...network, drainTimeout: 0, ...(limits && { limits }) })
  t.after(async () => {
    await gateway.close(0)
    for (const node of [sleuth, ...services]) await node.close().catch(() => {})
  })
  await sleuth.waitFor(Object.keys(handlers))
  gateway.join(sleuth)
  return { gateway, port, services, log }
}

/** A promise, and what settles it. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

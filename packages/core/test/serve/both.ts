import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { type ServeOptions, serve } from '#src/serve/serve.js'
import type { FetchHandler } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join, type Line } from '../harness.js'

export type Ask = (path: string, init?: RequestInit) => Promise<Response>

/** The same handler over HTTP and over sleuth. */
export async function both(
  handler: FetchHandler,
  options?: ServeOptions,
): Promise<Record<'http' | 'sleuth', Ask>> {
  const { http, sleuth } = await watched(handler, options)
  return { http, sleuth }
}

/** As `both`, with what sleuth logs of the service. */
export async function watched(handler: FetchHandler, options?: ServeOptions) {
  const listener = serve(handler, options)
  const server = createServer(listener as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const network = new FakeNetwork()
  const service = await join(network, { service: 'foo', handler: listener })
  const caller = await join(network)
  after(async () => {
    server.closeAllConnections()
    server.close()
    await caller.sleuth.close()
    await service.sleuth.close()
  })
  const http: Ask = (path, init) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init })
  const sleuth: Ask = (path, init) => caller.sleuth.do(`sleuth://foo${path}`, init as never)
  return { http, sleuth, problems: (): Line[] => service.problems() }
}

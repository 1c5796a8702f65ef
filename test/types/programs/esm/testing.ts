import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sleuth } from '@sleuth/core'
import fastifySleuth from '@sleuth/fastify'
import {
  createTestNetwork,
  type Fault,
  installTestNetwork,
  type MockService,
  mockService,
  type RecordedCall,
} from '@sleuth/testing'
import Fastify from 'fastify'

const network = createTestNetwork({ latency: [1, 5], loss: 0.1, clock: 'virtual', seed: 7 })
const client: Sleuth = await network.createSleuth()
const echo = await network.createSleuth({ service: 'echo', handler: (req, res) => req.pipe(res) })

// TypeScript knows the parameters of a handler that takes a Request, but not those of a Node listener.
const mock: MockService = await network.mockService('one', async (request) => ({ at: request.url }))
await network.mockService('two', (req: IncomingMessage, res: ServerResponse) => res.end(req.url))
await network.mockService('three', {
  'GET /authors/:id': (request, { id }) => ({ id, by: request.method }),
  '/health': 204,
})
await network.mockService('four', Response.json([]), { version: '1.0.0' })
await mockService('five', (request) => request.method)
await mockService('six')
mock.use((request) => new Response(request.body))

const app = Fastify()
await app.register(fastifySleuth, { service: 'app', network })

const faults: Fault[] = [
  network.partition(app),
  network.partition('one', [mock, client]),
  network.delay(mock, 5),
  network.freeze(client.services().flatMap(({ instances }) => instances)),
  network.refuse(echo),
  mock.refuse(),
]
for (const fault of faults) fault.heal()
await network.kill(mock)
await network.advance(100)
const call: RecordedCall | undefined = mock.calls[0]
const type: string | undefined = call?.headers['content-type']
console.log(type, call?.text(), call?.json())
await installTestNetwork().close()
await network.close()

// @ts-expect-error a clock that there is not
createTestNetwork({ clock: 'fake' })
// @ts-expect-error the app of an adapter is on its own network
await network.createSleuth({ network })
// @ts-expect-error no network
await app.register(fastifySleuth, { service: 'app', network: {} })

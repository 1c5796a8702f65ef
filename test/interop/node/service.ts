/** A service in Node, on one of the frameworks, for the interop tests. Its counterpart is `../go/service`. */
import { parseArgs } from 'node:util'
import { obey, write } from '../../hosts/program.js'

const apps = {
  handler: () => import('./handler.js'),
  fastify: () => import('./fastify.js'),
  express: () => import('./express.js'),
  koa: () => import('./koa.js'),
}

const { values } = parseArgs({
  options: {
    app: { type: 'string', default: 'handler' },
    instance: { type: 'string', default: 'node' },
    interface: { type: 'string' },
    port: { type: 'string' },
    service: { type: 'string' },
  },
})

const { join } = await apps[values.app as keyof typeof apps]()
const joined = await join(
  { service: values.service, interface: values.interface, port: Number(values.port) },
  { instance: values.instance, saw: (method, url) => write({ event: 'request', method, url }) },
)
write({ event: 'ready' })

obey<{ id: number; op: string }>(async ({ op }) => {
  if (op !== 'close') throw new Error(`unknown command ${op}`)
  await joined.close()
  return undefined
})

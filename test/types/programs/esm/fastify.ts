import { createSleuth, generateKeys, type Sleuth, type SleuthPeer, type SleuthRequest } from '@sleuth/core'
import sleuth, { sleuth as named, type SleuthFastifyOptions } from '@sleuth/fastify'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'

const app = Fastify()
await app.register(sleuth, 'article-service')
await app.register(sleuth, {
  service: 'article-service',
  interface: 'loopback',
  filter: (req) => req.url !== '/',
})
await app.register(sleuth, await createSleuth())
await app.register(sleuth)
app.register(named, 'article-service').after(() => {})
await app.register(import('@sleuth/fastify'), { service: 'article-service' })
const plugin: FastifyPluginAsync<SleuthFastifyOptions> = sleuth
await app.register(plugin, { service: 'article-service', prefix: '/inner' })

const options: SleuthFastifyOptions = { enabled: false }
await app.register(sleuth, options)

app.get('/', async (request) => {
  const response: Response = await request.sleuth.do('sleuth://comment-service/')
  return response.json()
})
app.get('/invoices', async (request) => {
  const peer: SleuthPeer | undefined = request.sleuthPeer
  const raw: SleuthRequest = request.raw
  return peer === raw.sleuthPeer
})
await app.register(sleuth, { service: 'vault', security: { ...generateKeys(), allow: ['key'] } })
const own: Sleuth = app.sleuth

// Other plugins are registered as ever.
const other: FastifyPluginAsync<{ size: number }> = async (inner) => {
  await inner.register(sleuth, 'inner-service')
}
await app.register(other, { size: 1, prefix: '/other' })

// An app on another server, with another logger.
const http2: FastifyInstance<import('node:http2').Http2Server> = Fastify({ http2: true }) as never
await http2.register(sleuth, 'over-http2')
const logging = Fastify({ logger: true })
await logging.register(sleuth, 'logging')

export { own }

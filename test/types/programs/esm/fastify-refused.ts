import sleuth from '@sleuth/fastify'
import Fastify, { type FastifyPluginAsync } from 'fastify'

const app = Fastify()
// @ts-expect-error a service is named by a string
await app.register(sleuth, { service: 1 })
// @ts-expect-error an option that there is not
await app.register(sleuth, { servce: 'article-service' })
// @ts-expect-error the app is the handler
await app.register(sleuth, { service: 'article-service', handler: () => {} })
// @ts-expect-error neither a name nor options
await app.register(sleuth, 1)
// @ts-expect-error keys without who else is let in
await app.register(sleuth, { service: 'vault', security: { publicKey: '', secretKey: '' } })
// @ts-expect-error over HTTP there is no peer
app.get('/', async (request) => request.sleuthPeer.id)

const other: FastifyPluginAsync<{ size: number }> = async () => {}
// @ts-expect-error no other plugin takes a string
await app.register(other, 'article-service')
// @ts-expect-error what the plugin gives is not replaced
app.sleuth = undefined

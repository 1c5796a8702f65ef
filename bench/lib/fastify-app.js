// A Fastify app over HTTP and over sleuth.
import sleuth from '@sleuth/fastify'
import Fastify from 'fastify'
import { HOST, serve } from './echo.js'
import { addStreams } from './streams.js'

/** `security`: the keys of the app, or none. `told`: what its callers are told besides. */
export async function fastifyApp(port, security, told) {
  const app = Fastify({ bodyLimit: 64 * 1024 * 1024 })
  await app.register(sleuth, { service: 'echo', interface: 'loopback', port, security })
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.post('/echo', (request, reply) => reply.type('application/octet-stream').send(request.body))
  addStreams(app)
  await app.listen({ host: HOST, port: 0 })
  serve({ httpPort: app.server.address().port, ...told }, () => app.close())
}

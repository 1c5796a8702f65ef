// A Fastify app over HTTP and over sleuth. Argument: UDP port.
import sleuth from '@sleuth/fastify'
import Fastify from 'fastify'
import { HOST, serve } from '../lib/echo.js'
import { addStreams } from '../lib/streams.js'

const app = Fastify({ bodyLimit: 64 * 1024 * 1024 })
await app.register(sleuth, { service: 'echo', interface: 'loopback', port: Number(process.argv[2]) })
app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
)
app.post('/echo', (request, reply) => reply.type('application/octet-stream').send(request.body))
addStreams(app)
await app.listen({ host: HOST, port: 0 })
serve({ httpPort: app.server.address().port }, () => app.close())

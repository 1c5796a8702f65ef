// One Fastify app, served over HTTP and over sleuth by the same process. Arguments: UDP port.
import sleuth from '@sleuth/fastify'
import Fastify from 'fastify'

const app = Fastify()
await app.register(sleuth, { service: 'echo', interface: 'loopback', port: Number(process.argv[2]) })
app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
)
app.post('/echo', (request, reply) => reply.type('application/octet-stream').send(request.body))
await app.listen({ host: '127.0.0.1', port: 0 })
process.send({ port: app.server.address().port })
process.on('message', () => app.close().then(() => process.disconnect()))

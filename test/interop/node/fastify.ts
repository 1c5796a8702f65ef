import { setTimeout as sleep } from 'node:timers/promises'
import type { SleuthOptions } from '@sleuth/core'
import sleuth from '@sleuth/fastify'
import Fastify from 'fastify'
import * as routes from './routes.js'

export async function join(options: SleuthOptions, witness: routes.Witness): Promise<routes.Joined> {
  const app = Fastify({ bodyLimit: 2 * 1024 * 1024 })
  await app.register(sleuth, options)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', async (request, reply) => {
    witness.saw(request.method, request.url)
    reply.header('x-instance', witness.instance)
  })

  app.all('/echo', async (request) => routes.echo(request.raw, bytes(request.body)))
  app.post('/bytes', async (request) => bytes(request.body))
  app.get('/large', async (request) => routes.large(request.url))
  app.get<{ Params: { code: string } }>('/status/:code', async (request, reply) => {
    const status = Number(request.params.code)
    reply.code(status).header('location', routes.elsewhere)
    return reply.send(routes.bodiless(status) ? undefined : `status ${status}`)
  })
  app.get('/headers', async (_request, reply) => {
    reply.header('set-cookie', routes.cookies).header('x-multi', routes.multi)
    return 'headers'
  })
  app.head('/head', async (_request, reply) => reply.header('x-length', routes.lengthOfHead).send())
  app.get('/empty', async (_request, reply) => reply.send())
  app.get('/silent', (_request, reply) => void reply.hijack())
  app.get('/slow', async (request) => {
    await sleep(routes.delay(request.url))
    return 'slow'
  })
  await app.ready()
  return app
}

function bytes(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

import { createHash } from 'node:crypto'
import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'

/** Routes that read a body, by every parser in use, and by hand. */
export async function bodies(app: FastifyInstance): Promise<void> {
  await app.register(formbody)
  await app.register(multipart)
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => body,
  )
  const got = async ({ body }: { body: unknown }) => ({ got: body ?? null })
  app.route({ method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], url: '/json-body', handler: got })
  app.post('/small-json', { bodyLimit: 100 }, got)
  app.post('/form', got)
  app.post('/text-body', got)
  app.post('/raw', async ({ body }, reply) => reply.type('application/octet-stream').send(body))
  app.post('/upload', async (request) => {
    const fields: Record<string, unknown> = {}
    const files: object[] = []
    for await (const part of request.parts()) {
      if (part.type === 'field') fields[part.fieldname] = part.value
      else {
        const { fieldname, filename, mimetype } = part
        const content = await part.toBuffer()
        files.push({ fieldname, filename, mimetype, size: content.length, sha: sha(content) })
      }
    }
    return { fields, files }
  })
  await app.register(streaming)
}

/** Routes that get the body as a stream, or leave it where it is. */
async function streaming(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.route<{ Body: NodeJS.ReadableStream }>({
    method: ['POST', 'PUT', 'PATCH'],
    url: '/pipe',
    handler: async (request, reply) => {
      return reply.type(request.headers['content-type'] ?? 'application/octet-stream').send(request.body)
    },
  })
  app.post('/digest', async (request) => {
    const parts: Buffer[] = []
    for await (const part of request.raw) parts.push(part)
    const body = Buffer.concat(parts)
    return { length: body.length, sha: sha(body), complete: request.raw.complete }
  })
  app.post('/unread', async (_request, reply) => reply.code(202).send('not read'))
}

function sha(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

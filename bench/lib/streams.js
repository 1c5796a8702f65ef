import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export const CHUNK = Buffer.alloc(64 * 1024, 'x')

/** Routes that stream: so many chunks out, whatever comes in, and server-sent events that carry the time. */
export function addStreams(app) {
  app.get('/down/:chunks', (request, reply) =>
    reply.type('application/octet-stream').send(chunks(Number(request.params.chunks))),
  )
  app.get('/memory', () => ({ peak: peak() }))
  app.addContentTypeParser('application/x-stream', (_request, payload, done) => done(null, payload))
  app.post('/up', async (request) => {
    let bytes = 0
    const count = new Writable({
      write(chunk, _encoding, done) {
        bytes += chunk.length
        done()
      },
    })
    await pipeline(request.body, count)
    return { bytes }
  })
  app.get('/events/:count', (request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    let left = Number(request.params.count)
    const timer = setInterval(() => {
      reply.raw.write(`data: ${performance.timeOrigin + performance.now()}\n\n`)
      if (--left > 0) return
      clearInterval(timer)
      reply.raw.end()
    }, 10)
  })
}

/** `onChunk`: is told how many bytes are taken. */
export function chunks(count, onChunk = () => {}) {
  return Readable.from(
    (function* () {
      for (let left = count; left > 0; left--) {
        onChunk(CHUNK.length)
        yield CHUNK
      }
    })(),
    { objectMode: false },
  )
}

let highest = 0

/** The most memory seen at ten looks a second, in MiB: what the process holds, and what the kernel gave it. */
export function peak() {
  return highest
}

export function watchMemory() {
  const look = () => {
    highest = Math.max(highest, process.memoryUsage().rss / 2 ** 20)
  }
  look()
  setInterval(look, 100).unref()
}

watchMemory()

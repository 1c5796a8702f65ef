import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { Hono } from 'hono'
import { streamSSE, streamText } from 'hono/streaming'
import { text } from '../content.js'
import type { Env } from './app.js'

/** Routes that answer with a stream. */
export function streams(app: Hono<Env>, site: string): void {
  app.get('/stream/chunks', (c) => {
    return streamText(c, async (stream) => {
      for (const chunk of ['one,', 'two,', 'three']) {
        await stream.write(chunk)
        await turn()
      }
    })
  })
  app.get('/stream/flushed', (c) => {
    return streamSSE(c, async (stream) => {
      await turn()
      await stream.writeSSE({ data: '1' })
      await stream.writeSSE({ data: '2' })
    })
  })
  app.get('/stream/known-length', (c) => {
    return c.body(web(Readable.from([Buffer.from('01234'), Buffer.from('56789')])), 200, {
      'Content-Type': 'text/plain',
      'Content-Length': '10',
    })
  })
  app.get('/stream/file', (c) => {
    c.header('Content-Type', 'text/plain')
    return c.body(web(createReadStream(join(site, 'digits.txt'))))
  })
  app.get('/stream/large', (c) => c.body(web(createReadStream(join(site, 'big.bin')))))
  app.get('/stream/text', (c) => {
    return c.body(web(Readable.from([Buffer.from(text.slice(0, 99)), Buffer.from(text.slice(99))])))
  })
}

/** The types of Node and those of the DOM differ. */
export function web(stream: Readable): ReadableStream {
  return Readable.toWeb(stream) as ReadableStream
}

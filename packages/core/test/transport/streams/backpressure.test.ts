import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { MAX_WINDOW, WINDOW } from '#src/shared/limits.js'
import { settle } from '../../harness.js'
import { pattern, until, wired } from './harness.js'

const chunk = Buffer.alloc(16 * 1024, 'x')

/** A body without end, and how much of it was asked for. */
function endless() {
  const seen = { bytes: 0, returned: false }
  const body = async function* () {
    try {
      for (;;) {
        seen.bytes += chunk.length
        yield chunk
      }
    } finally {
      seen.returned = true
    }
  }
  return { seen, body: body() as never }
}

describe('a slow caller', () => {
  it('slows the handler down, which goes on when the caller reads', async () => {
    const total = 8 * WINDOW
    const noted = { written: 0, refused: 0, drains: 0, finished: false }
    const { sleuth, tape } = await wired((_, res) => {
      const write = () => {
        while (noted.written < total) {
          noted.written += chunk.length
          if (res.write(chunk)) continue
          noted.refused++
          return
        }
        res.end()
      }
      res.on('drain', () => {
        noted.drains++
        write()
      })
      res.on('finish', () => {
        noted.finished = true
      })
      write()
    })
    const response = await sleuth.do('sleuth://foo/')
    await settle()
    // What is on its way, and what the response holds itself.
    const slack = chunk.length + 64 * 1024
    assert.ok(noted.written >= WINDOW && noted.written <= WINDOW + slack, `${noted.written} bytes written`)
    assert.ok(noted.refused > 0)
    const before = noted.written
    const reader = response.body?.getReader()
    let read = (await reader?.read())?.value?.length ?? 0
    await settle()
    assert.equal(noted.written > before, read >= WINDOW / 2, 'credit comes by halves of a window')
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      read += part.value.length
      assert.ok(noted.written - read <= MAX_WINDOW + slack)
    }
    assert.equal(read, total)
    assert.ok(noted.finished)
    assert.equal(noted.drains, noted.refused)
    assert.ok(tape.mostOpen() <= MAX_WINDOW)
  })

  it('makes a single large write wait', async () => {
    const noted: string[] = []
    const { sleuth, tape } = await wired((_, res) => {
      res.write(pattern(3 * WINDOW), () => noted.push('written'))
      res.end(() => noted.push('ended'))
    })
    const response = await sleuth.do('sleuth://foo/')
    await settle()
    assert.deepEqual(noted, [])
    assert.equal((await response.arrayBuffer()).byteLength, 3 * WINDOW)
    assert.deepEqual(noted, ['written', 'ended'])
    assert.ok(tape.mostOpen() <= MAX_WINDOW)
  })

  it('does not hold up others', async () => {
    const { sleuth } = await wired((req, res) => res.end(req.url === '/small' ? 'ok' : pattern(3 * WINDOW)))
    const large = await sleuth.do('sleuth://foo/large')
    await settle()
    for (let i = 0; i < 5; i++) assert.equal((await sleuth.request('sleuth://foo/small')).status, 200)
    assert.ok(Buffer.from(await large.arrayBuffer()).equals(pattern(3 * WINDOW)))
  })
})

describe('a slow handler', () => {
  it('has no more read of the body than a window', async () => {
    let req: IncomingMessage | undefined
    let res: ServerResponse | undefined
    const { sleuth, tape } = await wired((request, response) => {
      req = request
      res = response
    })
    const { seen, body } = endless()
    const call = sleuth.request('sleuth://foo/', { method: 'POST', body })
    await until(() => req)
    await settle(50)
    const slack = chunk.length + (req?.readableHighWaterMark ?? 0)
    assert.ok(seen.bytes >= WINDOW && seen.bytes <= WINDOW + slack, `${seen.bytes} bytes read`)
    const before = seen.bytes
    let read = 0
    while (read < 2 * WINDOW) {
      read += (req?.read() as Buffer | null)?.length ?? 0
      await settle(1)
    }
    assert.ok(seen.bytes > before)
    assert.ok(seen.bytes - read <= MAX_WINDOW + slack)
    assert.ok(tape.mostOpen() <= MAX_WINDOW)
    res?.end()
    await call
  })

  it('that pauses and resumes gets all of it', async () => {
    const body = pattern(4 * WINDOW)
    const { sleuth } = await wired((req, res) => {
      const parts: Buffer[] = []
      req.on('data', (part: Buffer) => {
        parts.push(part)
        req.pause()
        setImmediate(() => req.resume())
      })
      req.on('end', () => res.end(String(Buffer.concat(parts).equals(body))))
    })
    assert.equal((await sleuth.request('sleuth://foo/', { method: 'POST', body })).body.toString(), 'true')
  })
})

describe('an answer before the end of the request', () => {
  it('ends an upload that nobody reads', async () => {
    const { sleuth, service, tape } = await wired((_, res) => res.writeHead(413).end('too much'))
    const { seen, body } = endless()
    const { status } = await sleuth.request('sleuth://foo/', { method: 'POST', body })
    assert.equal(status, 413)
    await until(() => seen.returned)
    await settle()
    assert.deepEqual(tape.kinds(service.node), ['response', 'serviceReset'])
    const bytes = seen.bytes
    await settle()
    assert.equal(seen.bytes, bytes)
    assert.equal((await sleuth.request('sleuth://foo/')).status, 413)
  })

  it('lets an upload go on that is read, as over HTTP', async () => {
    const body = pattern(6 * WINDOW)
    let read: Buffer | undefined
    const { sleuth } = await wired(async (req, res) => {
      res.writeHead(202).end('coming')
      const parts: Buffer[] = []
      for await (const part of req) parts.push(part)
      read = Buffer.concat(parts)
    })
    const { status } = await sleuth.request('sleuth://foo/', { method: 'POST', body })
    assert.equal(status, 202)
    await until(() => read)
    assert.ok(read?.equals(body))
  })

  it('is no reason to forget that the caller may hang up', async () => {
    const noted: unknown[] = []
    const { sleuth } = await wired(async (req, res) => {
      res.writeHead(202).end('coming')
      try {
        for await (const _ of req);
      } catch (error) {
        noted.push((error as NodeJS.ErrnoException).code)
      }
    })
    const controller = new AbortController()
    const { body, seen } = endless()
    await sleuth.request('sleuth://foo/', { method: 'POST', body, signal: controller.signal })
    controller.abort()
    await until(() => noted.length > 0 && seen.returned)
    assert.deepEqual(noted, ['ECONNRESET'])
  })
})

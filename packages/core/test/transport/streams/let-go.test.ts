import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { WINDOW } from '#src/shared/limits.js'
import { settle } from '../../harness.js'
import { inChunks, pattern, until, wired } from './harness.js'

/** As body parsers do with a body that is too large for them. */
function letGo(req: IncomingMessage): void {
  req.removeAllListeners('data')
  req.pause()
}

describe('a request of which its handler has had enough, and whose answer is complete', () => {
  it('is forgotten, as by Node’s server: its caller stops, and so may as many after it as there are', async () => {
    const events: string[] = []
    const { sleuth } = await wired(
      (req, res) => {
        req.on('error', (error: NodeJS.ErrnoException) => events.push(`${error.code}`))
        for (const name of ['aborted', 'close', 'end']) req.once(name, () => events.push(name))
        req.once('data', () => {
          letGo(req)
          res.writeHead(413).end()
        })
      },
      { server: { limits: { streams: 1 } }, client: { retry: false } },
    )
    for (let count = 1; count <= 3; count++) {
      const chunks = inChunks(pattern(4 * WINDOW))
      const { status } = await sleuth.request('sleuth://foo/', { method: 'POST', body: chunks })
      assert.equal(status, 413)
      await until(() => chunks.next().done)
    }
    await settle()
    assert.deepEqual(events, [])
  })

  it('is not kept with an answer that closes the connection, though it is read', async () => {
    const { sleuth } = await wired((req, res) => {
      req.on('error', () => {})
      req.resume()
      res.writeHead(413, { connection: 'close' }).end()
    })
    let ended = false
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(1000)
      } finally {
        ended = true
      }
    }
    const { status } = await sleuth.request('sleuth://foo/', { method: 'POST', body: endless() })
    assert.equal(status, 413)
    await until(() => ended)
  })

  it('is kept for one who has only paused it', async () => {
    const body = pattern(4 * WINDOW)
    let size = 0
    let resume = () => {}
    const { sleuth } = await wired((req, res) => {
      req.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > chunk.length) return
        req.pause()
        resume = () => req.resume()
        res.end()
      })
    })
    await sleuth.request('sleuth://foo/', { method: 'POST', body: inChunks(body) })
    resume()
    await until(() => size === body.length)
  })
})

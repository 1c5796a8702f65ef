import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type Handler, onWire, overHttp, throughServer, type Way } from './order.js'

const ways: Record<string, Way> = {
  'by the server': throughServer,
  'on wire 1': onWire(1),
  'on wire 2': onWire(2),
}

/** As many microtasks as an async function of some length takes. */
async function microtasks(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await null
}

function ticks(count: number, then: () => void): void {
  process.nextTick(count === 0 ? then : () => ticks(count - 1, then))
}

const handlers: Record<string, Handler> = {
  'an async listener that counts': (req, log, done) => {
    let bytes = 0
    req.on('data', async (chunk: Buffer) => {
      await microtasks(50)
      bytes += chunk.length
      log(`counted ${chunk.length}`)
    })
    req.on('end', () => {
      log(`end of ${bytes}`)
      done()
    })
  },
  'an async listener that pauses': (req, log, done) => {
    req.on('data', async (chunk: Buffer) => {
      log(`data ${chunk}`)
      await microtasks(5)
      req.pause()
      log('paused')
      await turn()
      await turn()
      log('resumes')
      req.resume()
    })
    req.on('end', () => {
      log('end')
      done()
    })
  },
  'ticks and microtasks, one after another': (req, log, done) => {
    req.on('data', (chunk: Buffer) => {
      log(`data ${chunk}`)
      ticks(3, () => {
        log('ticks')
        void microtasks(3).then(() => {
          log('microtasks')
          ticks(2, () => log('ticks again'))
        })
      })
    })
    req.on('end', () => {
      log('end')
      done()
    })
  },
  'what the handler itself puts off': (req, log, done) => {
    process.nextTick(() => log('tick of the handler'))
    void microtasks(2).then(() => log('microtask of the handler'))
    req.on('data', (chunk: Buffer) => log(`data ${chunk}`))
    req.on('end', () => {
      log('end')
      done()
    })
  },
  'a listener of "readable"': (req, log, done) => {
    req.on('readable', async () => {
      for (let chunk = req.read(); chunk !== null; chunk = req.read()) {
        log(`read ${chunk}`)
        await microtasks(10)
        log('worked')
      }
    })
    req.on('end', () => {
      log('end')
      done()
    })
  },
  'async iteration': async (req, log, done) => {
    for await (const chunk of req) {
      log(`chunk ${chunk}`)
      await microtasks(10)
    }
    log('end')
    done()
  },
  'a listener that comes late': async (req, log, done) => {
    await turn()
    await turn()
    req.on('data', async (chunk: Buffer) => {
      log(`data ${chunk}`)
      await microtasks(3)
      log('worked')
    })
    req.on('end', () => {
      log('end')
      done()
    })
  },
  'the state of the request in its listener': (req, log, done) => {
    req.on('data', async () => {
      log(`complete: ${req.complete}`)
      await microtasks(5)
      log(`still: ${req.complete} ${req.readableEnded}`)
    })
    req.on('end', () => {
      log(`then: ${req.complete} ${req.readableEnded}`)
      done()
    })
  },
}

describe('the order of a body’s events is that of HTTP', () => {
  for (const [what, handler] of Object.entries(handlers)) {
    for (const pieces of [['whole'], ['in ', 'two'], ['in ', 'three ', 'pieces']]) {
      it(`${what}: ${pieces.length === 1 ? 'a whole body' : pieces.join('|')}`, async () => {
        const expected = await overHttp(pieces, handler)
        assert.ok(expected.length > 1)
        for (const [way, run] of Object.entries(ways)) {
          // The first wire has no pieces.
          const reference = way === 'on wire 1' ? await overHttp([pieces.join('')], handler) : expected
          assert.deepEqual(await run(pieces, handler), reference, way)
        }
      })
    }
  }

  it('what a listener of "data" puts off to another turn comes after the end of a whole body', async () => {
    const handler: Handler = (req, log, done) => {
      setImmediate(() => log('turn of the handler'))
      req.on('data', () => setImmediate(() => log('turn')))
      req.on('end', () => {
        log('end')
        setImmediate(done)
      })
    }
    const expected = await overHttp(['whole'], handler)
    for (const [way, run] of Object.entries(ways))
      assert.deepEqual(await run(['whole'], handler), expected, way)
  })
})

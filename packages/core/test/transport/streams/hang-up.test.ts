import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WINDOW } from '#src/shared/limits.js'
import { settle } from '../../harness.js'
import { type Handler, type Probe, sameHangUp } from './hang-up.js'
import { answering, pattern, until, wired } from './harness.js'

function note(probe: Probe, label: string, emitter: NodeJS.EventEmitter, names: string[]): void {
  for (const name of names) {
    emitter.on(name, (argument?: unknown) => {
      const error = argument instanceof Error ? [(argument as NodeJS.ErrnoException).code] : []
      probe.log(`${label} ${name}`, ...error)
    })
  }
}

const events: Handler = (req, res, probe) => {
  note(probe, 'req', req, ['aborted', 'close', 'end'])
  note(probe, 'res', res, ['close', 'finish', 'error'])
  note(probe, 'socket', req.socket, ['end', 'close'])
  res.on('close', () => {
    probe.log([
      req.aborted,
      req.complete,
      req.destroyed,
      res.destroyed,
      res.writableFinished,
      res.headersSent,
    ])
  })
}

const cases: Record<string, { open?: boolean; body?: string; handler: Handler }> = {
  'at once, a request without a body': {
    handler: (req, res, probe) => {
      events(req, res, probe)
      probe.hangUp('at once')
    },
  },
  'at once, a request that was not read': {
    body: 'hello',
    handler: (req, res, probe) => {
      events(req, res, probe)
      probe.hangUp('at once')
    },
  },
  'at once, a request that was read': {
    body: 'hello',
    handler: (req, res, probe) => {
      events(req, res, probe)
      req.resume().on('end', () => setImmediate(() => probe.hangUp('at once')))
    },
  },
  'at once, a request whose body is still coming': {
    body: 'hello',
    open: true,
    handler: (req, res, probe) => {
      events(req, res, probe)
      note(probe, 'req', req, ['error'])
      req.on('data', (chunk) => {
        probe.log(String(chunk))
        probe.hangUp('at once')
      })
    },
  },
  'at once, a loop over a body that is still coming': {
    body: 'hello',
    open: true,
    handler: async (req, _res, probe) => {
      try {
        for await (const chunk of req) {
          probe.log(String(chunk))
          probe.hangUp('at once')
        }
        probe.log('the loop ended')
      } catch (error) {
        probe.log((error as NodeJS.ErrnoException).code, (error as Error).message)
      }
    },
  },
  'at once, a handler that writes afterwards': {
    handler: (req, res, probe) => {
      events(req, res, probe)
      res.on('close', () => {
        const written = res.write('late', (error) => {
          probe.log('write', (error as NodeJS.ErrnoException | null)?.code)
        })
        probe.log('write gives', written, res.writable, res.writableEnded)
        res.end()
        probe.log('end', res.writableEnded, res.writableFinished)
      })
      probe.hangUp('at once')
    },
  },
  'after the head': {
    handler: (req, res, probe) => {
      events(req, res, probe)
      res.writeHead(200).flushHeaders()
      probe.hangUp('after the head')
    },
  },
  'after the head and a part': {
    body: 'hello',
    handler: (req, res, probe) => {
      events(req, res, probe)
      req.resume()
      res.write('part')
      probe.hangUp('after the head')
    },
  },
  'after the head, a request whose body is still coming': {
    body: 'hello',
    open: true,
    handler: (req, res, probe) => {
      events(req, res, probe)
      req.resume()
      res.write('part')
      probe.hangUp('after the head')
    },
  },
}

for (const way of ['abort', 'timeout', 'cancel', 'cancel the reader', 'abort while reading'] as const) {
  describe(`a caller that hangs up (${way})`, () => {
    for (const [name, { handler, ...sent }] of Object.entries(cases)) {
      const early = name.startsWith('at once')
      if (early ? way !== 'abort' && way !== 'timeout' : way === 'timeout') continue
      it(`${name}: is seen as over HTTP`, async () => {
        const method = sent.body === undefined ? 'GET' : 'POST'
        assert.ok((await sameHangUp({ ...sent, method }, way, handler)).length > 0)
      })
    }
  })
}

describe('a caller that hangs up', () => {
  it('before its call has been made sends nothing', async () => {
    const { sleuth, caller } = await wired((_, res) => res.end())
    const signal = AbortSignal.abort(new Error('no'))
    await assert.rejects(sleuth.do('sleuth://foo/', { signal }), { message: 'no' })
    assert.equal(caller.node.sent.length, 0)
  })

  it('with writes that wait for it leaves none of them waiting', async () => {
    const noted: string[] = []
    const { sleuth } = await wired((_, res) => {
      const write = () => res.write(pattern(WINDOW), (error) => noted.push(error ? 'failed' : 'written'))
      write()
      write()
      write()
      res.on('close', () => noted.push('closed'))
    })
    const response = await sleuth.do('sleuth://foo/')
    await settle()
    await response.body?.cancel()
    await until(() => noted.includes('closed'))
    // They were corked, and so are one.
    assert.deepEqual(noted.sort(), ['closed', 'failed', 'failed', 'failed'])
  })

  it('is told by its own reason, whatever has come already', async () => {
    const { sleuth } = await wired((_, res) => void res.write(pattern(1000)))
    const controller = new AbortController()
    const response = await sleuth.do('sleuth://foo/', { signal: controller.signal })
    await settle()
    controller.abort(new Error('enough'))
    await assert.rejects(response.text(), { message: 'enough' })
  })

  it('leaves no listener on its signal, however the call ends', async () => {
    const { sleuth } = await wired((req, res) => {
      if (req.url === '/whole') res.end('ok')
      else if (req.url === '/streamed') setImmediate(() => res.end('ok')).ref() && res.write('ok')
      else res.write('ok', () => req.url === '/cut' && setImmediate(() => res.destroy()))
    })
    const { signal } = new AbortController()
    let listening = 0
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listening++
      addEventListener.apply(signal, args)
    }
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listening--
      removeEventListener.apply(signal, args)
    }
    await (await sleuth.do('sleuth://foo/whole', { signal })).text()
    await (await sleuth.do('sleuth://foo/streamed', { signal })).text()
    await assert.rejects((await sleuth.do('sleuth://foo/cut', { signal })).text(), { code: 'SLEUTH_CUT' })
    await (await sleuth.do('sleuth://foo/cancelled', { signal })).body?.cancel()
    assert.equal(listening, 0)
  })

  it('says so in one frame, and hears nothing more', async () => {
    const { sleuth, peer } = await answering()
    const controller = new AbortController()
    const call = sleuth.do('sleuth://foo/', { signal: controller.signal })
    await until(() => peer.heard.length === 1)
    controller.abort()
    await assert.rejects(call, { name: 'AbortError' })
    await settle()
    const stream = peer.heard[0]?.stream
    assert.deepEqual(peer.heard[1], { kind: 'callerReset', stream, why: 'cancelled' })
    assert.equal(peer.heard.length, 2)
  })

  it('stops the reading of its request body', async () => {
    const { sleuth } = await wired(() => {})
    let cancelled: unknown
    const body = new ReadableStream({
      cancel: (reason) => {
        cancelled = reason ?? 'cancelled'
      },
    })
    const controller = new AbortController()
    const init = { method: 'POST', body, duplex: 'half' as const, signal: controller.signal }
    const call = sleuth.do('sleuth://foo/', init)
    await settle()
    controller.abort()
    await assert.rejects(call, { name: 'AbortError' })
    await until(() => cancelled)
  })

  it('does not count as answered, nor as a reply', async () => {
    const { sleuth, service } = await wired(() => {})
    const controller = new AbortController()
    const call = sleuth.request('sleuth://foo/', { signal: controller.signal })
    await settle()
    controller.abort()
    await assert.rejects(call)
    await settle()
    const { calls, answers, pending, errors } = sleuth.stats()
    assert.deepEqual([calls, answers, pending, errors], [1, 0, 0, { aborted: 1 }])
    const { requests, replies } = service.sleuth.stats()
    assert.deepEqual([requests, replies], [1, 0])
  })
})

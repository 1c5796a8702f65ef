import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MAX_WINDOW, WINDOW } from '#src/shared/limits.js'
import { settle } from '../../harness.js'
import { echo, inChunks, pattern, sizes, until, wired } from './harness.js'

describe('a body', () => {
  for (const size of sizes) {
    const body = pattern(size)

    it(`of ${size} bytes arrives whole, and comes back`, async () => {
      const { sleuth, tape } = await wired(echo)
      const init = { method: 'POST', body }
      assert.ok((await sleuth.request('sleuth://foo/', init)).body.equals(body))
      assert.ok(tape.mostOpen() <= MAX_WINDOW)
    })

    it(`of ${size} bytes in chunks arrives whole, and comes back`, async () => {
      const { sleuth, tape } = await wired(echo)
      const response = await sleuth.do('sleuth://foo/', {
        method: 'POST',
        body: inChunks(body) as never,
        duplex: 'half',
      })
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(body))
      assert.ok(tape.mostOpen() <= MAX_WINDOW)
    })

    it(`of ${size} bytes in one write comes back whole`, async () => {
      const { sleuth, tape } = await wired((_, res) => res.end(body))
      assert.ok((await sleuth.request('sleuth://foo/')).body.equals(body))
      assert.ok(tape.mostOpen() <= MAX_WINDOW)
    })
  }

  for (const [name, request, answer] of [
    ['that is small', 'small', 'small'],
    ['of a whole window', pattern(WINDOW), 'small'],
    ['that is empty', '', ''],
  ] as const) {
    it(`${name} takes one frame each way`, async () => {
      const { sleuth, caller, service, tape } = await wired((_, res) => {
        res.write(answer)
        res.end(answer)
      })
      // By the first one it is known how much the way takes.
      for (let time = 0; time < 2; time++) {
        await sleuth.request('sleuth://foo/', { method: 'POST', body: request })
        await settle()
      }
      assert.equal(tape.kinds(caller.node).at(-1), 'request')
      assert.equal(tape.kinds(service.node).at(-1), 'response')
    })
  }

  it('shares the way with others: none waits for the end of one', async () => {
    const large = pattern(20 * WINDOW)
    const { sleuth, service, tape } = await wired((req, res) => res.end(req.url === '/small' ? 'ok' : large))
    const order: string[] = []
    const note = (name: string) => (response: { body: Buffer }) => {
      order.push(name)
      return response.body
    }
    const [first, second, small] = await Promise.all([
      sleuth.request('sleuth://foo/first').then(note('first')),
      sleuth.request('sleuth://foo/second').then(note('second')),
      sleuth.request('sleuth://foo/small').then(note('small')),
    ])
    assert.ok(first?.equals(large) && second?.equals(large))
    assert.equal(small?.toString(), 'ok')
    assert.equal(order[0], 'small')
    const streams = tape.frames
      .filter(({ by, frame }) => by === service.node && frame.kind === 'serviceData')
      .map(({ frame }) => frame.stream)
    const changes = streams.filter((stream, i) => i > 0 && stream !== streams[i - 1])
    assert.ok(changes.length > 20, `they take turns ${changes.length} times`)
  })

  it('goes both ways at once', async () => {
    const { sleuth } = await wired(async (req, res) => {
      for await (const chunk of req) res.write(String(chunk).toUpperCase())
      res.end()
    })
    let say: (text: string | undefined) => void = () => {}
    const lines = async function* () {
      for (;;) {
        const text = await new Promise<string | undefined>((resolve) => {
          say = resolve
        })
        if (text === undefined) return
        yield text
      }
    }
    const call = sleuth.do('sleuth://foo/', { method: 'POST', body: lines() as never, duplex: 'half' })
    await until(() => say.length === 1)
    const heard: string[] = []
    say('a')
    const reader = (await call).body?.getReader()
    assert.ok(reader)
    for (const next of ['b', 'c', undefined]) {
      heard.push(Buffer.from((await reader.read()).value ?? []).toString())
      say(next)
    }
    assert.deepEqual(heard, ['A', 'B', 'C'])
    assert.equal((await reader.read()).done, true)
  })

  it('of events reaches the caller one by one, each when it is written', async () => {
    let write: (text: string) => void = () => {}
    const { sleuth, service, tape } = await wired((_, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.flushHeaders()
      write = (text) => res.write(text)
    })
    const response = await sleuth.do('sleuth://foo/')
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    const reader = response.body?.getReader()
    for (let i = 0; i < 5; i++) {
      write(`data: ${i}\n\n`)
      const { value } = (await reader?.read()) ?? {}
      assert.equal(Buffer.from(value ?? []).toString(), `data: ${i}\n\n`)
    }
    assert.deepEqual(tape.whispers(service.node), [1, 1, 1, 1, 1, 1])
    await reader?.cancel()
  })

  it('that is written before its head has left goes with it', async () => {
    const { sleuth, service, tape } = await wired((_, res) => {
      res.writeHead(200)
      res.write('hello')
    })
    const response = await sleuth.do('sleuth://foo/')
    assert.deepEqual(tape.kinds(service.node), ['response'])
    await response.body?.cancel()
  })
})

describe('no body', () => {
  const { headers, ...head } = { method: 'HEAD', headers: { 'x-a': '1' } }

  it('comes with HEAD, whose content-length is kept', async () => {
    const { sleuth } = await wired((_, res) => res.setHeader('content-length', 5).end('hello'))
    const response = await sleuth.do('sleuth://foo/', { ...head, headers })
    assert.deepEqual([response.status, response.body], [200, null])
    assert.equal(response.headers.get('content-length'), '5')
    assert.equal((await sleuth.request('sleuth://foo/', head)).body.length, 0)
  })

  it('comes with HEAD that is answered in parts', async () => {
    const { sleuth } = await wired((_, res) => {
      res.flushHeaders()
      setImmediate(() => res.end('hello'))
    })
    const response = await sleuth.do('sleuth://foo/', head)
    assert.deepEqual([response.status, await response.text()], [200, ''])
    assert.equal((await sleuth.request('sleuth://foo/', head)).body.length, 0)
  })

  for (const status of [204, 304]) {
    it(`comes with ${status}`, async () => {
      const { sleuth } = await wired((_, res) => res.writeHead(status).end('hello'))
      const response = await sleuth.do('sleuth://foo/')
      assert.deepEqual([response.status, response.body], [status, null])
      const lean = await sleuth.request('sleuth://foo/')
      assert.deepEqual([lean.status, lean.body.length], [status, 0])
    })
  }
})

describe('trailers', () => {
  it('are not carried, and not announced', async () => {
    const { sleuth } = await wired((_, res) => {
      res.writeHead(200, { Trailer: 'x-sum', 'x-a': '1' })
      res.write('hello')
      res.addTrailers({ 'x-sum': '5' })
      res.end()
    })
    const { headers, body } = await sleuth.request('sleuth://foo/')
    assert.equal(body.toString(), 'hello')
    assert.deepEqual([headers.trailer, headers['x-sum'], headers['x-a']], [undefined, undefined, '1'])
  })
})

describe('a body that fails at once', () => {
  /** The call is made in a microtask, so the body fails before the packet of the turn leaves. */
  it('fails a call whose handler may have run', async () => {
    const methods: unknown[] = []
    const { sleuth } = await wired((req) => {
      methods.push(req.method)
      req.on('error', () => {})
    })
    const body = {
      // biome-ignore lint/correctness/useYield: it fails before
      async *[Symbol.asyncIterator]() {
        throw new Error('broken')
      },
    }
    await settle()
    const call = sleuth.request('sleuth://foo/', { method: 'POST', body: body as never })
    await assert.rejects(call, { code: 'SLEUTH_REQUEST_MARSHAL', mayHaveRun: true })
    await settle()
    assert.deepEqual(methods, ['POST'])
  })
})

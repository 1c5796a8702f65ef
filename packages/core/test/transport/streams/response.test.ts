import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { WINDOW } from '#src/shared/limits.js'
import { settle } from '../../harness.js'
import { pattern, until, wired } from './harness.js'

const large = pattern(3 * WINDOW)

/** Answers with a large body, in several writes. */
async function streaming() {
  const closed: ServerResponse[] = []
  const net = await wired((_, res) => {
    res.on('close', () => closed.push(res))
    res.writeHead(200, { 'content-type': 'application/json' })
    for (let at = 0; at < large.length; at += WINDOW) res.write(large.subarray(at, at + WINDOW))
    res.end()
  })
  return { ...net, closed }
}

describe('a Response whose body streams', () => {
  it('is read by a reader', async () => {
    const { sleuth, closed, caller, tape } = await streaming()
    const { body, status, url } = await sleuth.do('sleuth://foo/a')
    assert.deepEqual([status, url], [200, 'sleuth://foo/a'])
    const reader = body?.getReader()
    const parts: Uint8Array[] = []
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      assert.equal(part.value.constructor, Uint8Array)
      parts.push(part.value)
    }
    assert.ok(Buffer.concat(parts).equals(large))
    await reader?.closed
    assert.equal(closed.length, 1)
    assert.ok(!tape.kinds(caller.node).includes('callerReset'))
  })

  it('is read by a loop', async () => {
    const { sleuth } = await streaming()
    const response = await sleuth.do('sleuth://foo/')
    const parts: Uint8Array[] = []
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) parts.push(part)
    assert.ok(Buffer.concat(parts).equals(large))
    assert.ok(response.bodyUsed)
    await assert.rejects(response.text(), TypeError)
  })

  it('is cancelled by a loop that is left', async () => {
    const { sleuth, closed, caller, tape } = await streaming()
    const response = await sleuth.do('sleuth://foo/')
    for await (const _ of response.body as unknown as AsyncIterable<Uint8Array>) break
    await until(() => closed.length)
    assert.equal(tape.kinds(caller.node).at(-1), 'callerReset')
  })

  it('is read by arrayBuffer(), blob() and text()', async () => {
    const { sleuth } = await streaming()
    const get = () => sleuth.do('sleuth://foo/')
    assert.ok(Buffer.from(await (await get()).arrayBuffer()).equals(large))
    assert.equal((await (await get()).blob()).size, large.length)
    assert.equal(await (await get()).text(), new TextDecoder().decode(large))
  })

  it('is read by json()', async () => {
    const { sleuth } = await wired((_, res) => {
      res.write('{"a":')
      setImmediate(() => res.end('[1,2]}'))
    })
    assert.deepEqual(await (await sleuth.do('sleuth://foo/')).json(), { a: [1, 2] })
  })

  it('is read twice, as a clone', async () => {
    const { sleuth } = await streaming()
    const response = await sleuth.do('sleuth://foo/a')
    const clone = response.clone()
    assert.deepEqual([clone.url, clone.status], ['sleuth://foo/a', 200])
    const [one, other] = await Promise.all([response.arrayBuffer(), clone.arrayBuffer()])
    assert.ok(Buffer.from(one).equals(large) && Buffer.from(other).equals(large))
  })

  it('is the body of another call', async () => {
    const received: Buffer[] = []
    const { sleuth } = await wired(async (req, res) => {
      if (req.method === 'GET') return void res.end(large)
      for await (const chunk of req) received.push(chunk)
      res.end()
    })
    const { body } = await sleuth.do('sleuth://foo/')
    await sleuth.do('sleuth://foo/', { method: 'POST', body, duplex: 'half' } as RequestInit)
    assert.ok(Buffer.concat(received).equals(large))
  })

  it('may be left unread, and is ended when nobody holds it', async () => {
    const { sleuth, closed, tape, caller } = await streaming()
    await sleuth.do('sleuth://foo/')
    await settle()
    assert.deepEqual(closed, [])
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    await until(() => {
      collect()
      return closed.length
    })
    assert.deepEqual(tape.kinds(caller.node), ['request', 'callerReset'])
  })

  it('is not ended while somebody waits for it, though nobody holds it', async () => {
    let res: ServerResponse | undefined
    const { sleuth } = await wired((_, response) => {
      res = response
      response.write('first ')
    })
    const read: string[] = []
    const watch = async () => {
      const { body } = await sleuth.do('sleuth://foo/')
      for await (const part of body as unknown as AsyncIterable<Uint8Array>)
        read.push(Buffer.from(part).toString())
    }
    const watching = watch()
    await until(() => read.length === 1)
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    for (let turn = 0; turn < 5; turn++) {
      collect()
      await settle(2)
    }
    res?.end('second')
    await watching
    assert.equal(read.join(''), 'first second')
  })

  it('that is complete is not cut by a cancel', async () => {
    const { sleuth, tape, caller } = await wired((_, res) => {
      res.write('one ')
      setImmediate(() => res.end('two'))
    })
    const response = await sleuth.do('sleuth://foo/')
    await settle()
    await response.body?.cancel()
    await settle()
    assert.deepEqual(tape.kinds(caller.node), ['request'])
  })
})

describe('request()', () => {
  it('gathers a body that streams', async () => {
    const { sleuth } = await streaming()
    const { body } = await sleuth.request('sleuth://foo/')
    assert.ok(Buffer.isBuffer(body) && body.equals(large))
  })

  it('takes a body as large as the limit', async () => {
    const { sleuth } = await wired((_, res) => res.end(pattern(2 * WINDOW)), {
      client: { limits: { unzipped: 2 * WINDOW } },
    })
    assert.equal((await sleuth.request('sleuth://foo/')).body.length, 2 * WINDOW)
  })

  it('stops at the limit, and ends the rest', async () => {
    const closed: boolean[] = []
    const { sleuth } = await wired(
      (_, res) => {
        res.on('close', () => closed.push(res.writableFinished))
        const write = () => {
          while (res.write(pattern(WINDOW)));
          res.once('drain', write)
        }
        write()
      },
      { client: { limits: { unzipped: 2 * WINDOW - 1 } } },
    )
    await assert.rejects(sleuth.request('sleuth://foo/'), {
      code: 'SLEUTH_TOO_LARGE',
      codes: [1007, 934],
      mayHaveRun: true,
    })
    await until(() => closed.length)
    assert.deepEqual(closed, [false])
    const { answers, errors, pending } = sleuth.stats()
    assert.deepEqual([answers, errors, pending], [0, { SLEUTH_TOO_LARGE: 1 }, 0])
  })

  it('has no limit for what do() reads', async () => {
    const { sleuth } = await wired((_, res) => res.end(large), { client: { limits: { unzipped: 1024 } } })
    const response = await sleuth.do('sleuth://foo/')
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(large))
  })
})

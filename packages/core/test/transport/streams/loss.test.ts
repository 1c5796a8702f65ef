import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { afterEach, describe, it, mock } from 'node:test'
import { ZreError } from '@sleuth/zre'
import { SleuthError } from '#src/shared/errors.js'
import { settle } from '../../harness.js'
import { answering, asked, requestFrame, until, wired } from './harness.js'

const full = new ZreError('ZRE_QUEUE_FULL', 'peer does not take what is sent to it')

/** A service whose answers stay open, with a body that is read and an upload that is sent, both under way. */
async function underWay() {
  const noted: string[] = []
  const held: ServerResponse[] = []
  const net = await wired((req, res) => {
    const name = req.url as string
    req.on('aborted', () => noted.push(`${name} aborted`))
    res.on('close', () => noted.push(`${name} closed`))
    if (name === '/done') return res.end('done')
    if (name === '/body') res.write('part')
    else req.resume()
    return void held.push(res)
  })
  const response = await net.sleuth.do('sleuth://foo/body')
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>
  await reader.read()
  let cancelled = false
  const upload = new ReadableStream({
    cancel: () => {
      cancelled = true
    },
  })
  const call = net.sleuth.request('sleuth://foo/upload', { method: 'POST', body: upload })
  call.catch(() => {})
  await until(() => held.length === 2)
  return { ...net, noted, held, reader, call, cancelled: () => cancelled }
}

function holds(code: string, fields: Partial<SleuthError> = {}) {
  return (error: unknown) => {
    assert.ok(error instanceof SleuthError)
    assert.equal(error.code, code)
    for (const [key, value] of Object.entries(fields))
      assert.deepEqual(error[key as keyof SleuthError], value)
    return true
  }
}

describe('an instance that goes in the middle', () => {
  it('fails bodies and calls, and stops uploads', async () => {
    const { service, reader, call, cancelled } = await underWay()
    service.node.vanish('expired')
    await assert.rejects(reader.read(), holds('SLEUTH_PEER_GONE', { mayHaveRun: true, retryable: true }))
    await assert.rejects(call, holds('SLEUTH_PEER_GONE', { mayHaveRun: true, retryable: false }))
    await until(cancelled)
  })
})

describe('a caller that goes in the middle', () => {
  it('is seen to hang up', async () => {
    const { caller, noted, service } = await underWay()
    caller.node.vanish('expired')
    await until(() => noted.length === 4)
    assert.deepEqual(noted.sort(), ['/body aborted', '/body closed', '/upload aborted', '/upload closed'])
    await settle()
    assert.equal(service.sleuth.stats().replies, 0)
  })
})

describe('close()', () => {
  afterEach(() => mock.timers.reset())

  it('of the caller fails its bodies and calls, and is seen as a hang-up', async () => {
    const { sleuth, reader, call, noted, cancelled } = await underWay()
    const closing = sleuth.close()
    await assert.rejects(reader.read(), holds('SLEUTH_CLOSED'))
    await assert.rejects(call, holds('SLEUTH_CLOSED', { codes: [935, 934] }))
    await closing
    await until(() => noted.length === 4 && cancelled())
  })

  it('of the service waits for what is under way, and cuts it off after five seconds', async () => {
    const { service, reader, call, held } = await underWay()
    mock.timers.enable({ apis: ['setTimeout'] })
    const closing = service.sleuth.close()
    await settle()
    held[0]?.write('more')
    assert.equal(Buffer.from((await reader.read()).value ?? []).toString(), 'more')
    mock.timers.tick(5000)
    await assert.rejects(reader.read(), holds('SLEUTH_CUT'))
    const { status, headers } = await call
    assert.deepEqual([status, headers['x-sleuth-error']], [503, 'closed'])
    await closing
  })

  it('of the service that can end what is under way ends it', async () => {
    const { service, reader, call, held } = await underWay()
    const closing = service.sleuth.close()
    await settle()
    for (const res of held) res.end('end')
    assert.equal(Buffer.from((await reader.read()).value ?? []).toString(), 'end')
    assert.equal((await reader.read()).done, true)
    assert.equal((await call).body.toString(), 'end')
    await closing
  })
})

describe('what can not be sent', () => {
  it('fails the calls that had not left, and no later one', async () => {
    const { sleuth, caller, service } = await wired((_, res) => res.end('ok'))
    caller.node.failure = full
    const calls = ['GET', 'POST'].map((method) => sleuth.request('sleuth://foo/', { method, retry: false }))
    for (const call of calls) {
      await assert.rejects(
        call,
        holds('SLEUTH_REQUEST_WHISPER', { codes: [929], retryable: true, mayHaveRun: false, cause: full }),
      )
    }
    caller.node.failure = undefined
    assert.equal((await sleuth.request('sleuth://foo/')).status, 200)
    assert.equal(service.sleuth.stats().requests, 1)
    assert.deepEqual(caller.problems(), [])
  })

  it('fails what was under way to that peer, which hears of it with the next packet', async () => {
    const { sleuth, caller, reader, call, noted, cancelled } = await underWay()
    caller.node.failure = full
    await assert.rejects(
      sleuth.request('sleuth://foo/done', { retry: false }),
      holds('SLEUTH_REQUEST_WHISPER'),
    )
    await assert.rejects(reader.read(), holds('SLEUTH_CUT', { mayHaveRun: true, cause: full }))
    await assert.rejects(call, holds('SLEUTH_CUT', { mayHaveRun: true, retryable: false }))
    assert.ok(cancelled())
    await settle()
    assert.deepEqual(noted, [])
    caller.node.failure = undefined
    assert.equal((await sleuth.request('sleuth://foo/done')).body.toString(), 'done')
    await until(() => noted.length === 5)
    assert.deepEqual(noted.sort(), [
      '/body aborted',
      '/body closed',
      '/done closed',
      '/upload aborted',
      '/upload closed',
    ])
  })

  it('of answers is logged once, and their callers hear of it with the next packet', async () => {
    const { sleuth, service, reader, call, noted } = await underWay()
    service.node.failure = full
    const lost = sleuth.request('sleuth://foo/done', { method: 'POST' })
    lost.catch(() => {})
    await until(() => service.problems().length > 0)
    const { dropped } = service.sleuth.stats()
    assert.deepEqual(dropped, { SLEUTH_RESPONSE_WHISPER: 1 })
    await until(() => noted.includes('/body closed') && noted.includes('/upload closed'))
    service.node.failure = undefined
    assert.equal((await sleuth.request('sleuth://foo/done')).body.toString(), 'done')
    for (const failed of [reader.read(), call, lost]) {
      await assert.rejects(failed, holds('SLEUTH_CUT', { mayHaveRun: true, cause: undefined }))
    }
  })
})

describe('a packet that is malformed', () => {
  it('is counted once, ends all that was under way, and is answered so', async () => {
    const noted: string[] = []
    const { service, peer } = await asked((req, res) => {
      req.on('aborted', () => noted.push('aborted'))
      if (req.url === '/done') res.end('done')
      else res.write('part')
    })
    peer.say(requestFrame(1, { method: 'POST', end: false }))
    await until(() => peer.heard.length === 1)
    peer.node.whisper(service.node.id, Buffer.from('0204000000', 'hex'))
    await until(() => noted.length === 1)
    await settle()
    assert.deepEqual(service.sleuth.stats().dropped, { SLEUTH_PACKET: 1 })
    assert.deepEqual(peer.heard.at(-1), { kind: 'serviceReset', stream: 1, why: 'protocol' })
    assert.equal(peer.heard.length, 2)
    peer.say(requestFrame(2, { url: '/done' }))
    await until(() => peer.heard.length === 3)
    assert.equal(peer.heard[2]?.kind, 'response')
  })

  it('ends a call of the same turn too, which may have run: its request leaves with the reset', async () => {
    const { caller, sleuth, peer } = await answering({ retry: false })
    const call = sleuth.request('sleuth://foo/')
    peer.node.whisper(caller.node.id, Buffer.from('0204000000', 'hex'))
    await assert.rejects(call, { code: 'SLEUTH_CUT', mayHaveRun: true })
    await settle()
    assert.deepEqual(
      peer.heard.map((frame) => frame.kind),
      ['request', 'callerReset'],
    )
  })
})

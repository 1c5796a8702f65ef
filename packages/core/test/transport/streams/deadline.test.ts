import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, it, mock } from 'node:test'
import { pass, settle } from '../../harness.js'
import { answering, asked, requestFrame, until } from './harness.js'

describe('a deadline', () => {
  afterEach(() => mock.timers.reset())

  it('is the time that the caller waits', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const { sleuth, peer } = await answering({ timeout: 700 })
    for (const timeout of [undefined, 1234, 99.9, 1, Infinity]) {
      void sleuth.request('sleuth://foo/', { timeout }).catch(() => {})
    }
    await until(() => peer.heard.length === 5)
    assert.deepEqual(
      peer.heard.map((frame) => frame.kind === 'request' && frame.deadline),
      [700, 1234, 99, 1, 0],
    )
    await sleuth.close()
  })

  /** A handler in the test's own hands, and what became of its request. */
  async function held(deadline: number) {
    mock.timers.enable({ apis: ['setTimeout'] })
    const noted: string[] = []
    let response: ServerResponse | undefined
    const { peer, service } = await asked((req: IncomingMessage, res) => {
      response = res
      req.on('aborted', () => noted.push('aborted'))
      res.on('close', () => noted.push('closed'))
    })
    peer.say(requestFrame(7, { deadline }))
    await until(() => response)
    return { peer, service, noted, res: response as ServerResponse }
  }

  it('that passes before the head ends the request, of which nothing more is said', async () => {
    const { peer, noted, res, service } = await held(100)
    mock.timers.tick(99)
    await settle()
    assert.deepEqual(noted, [])
    for (let turn = 0; turn < 4; turn++) mock.timers.tick(50)
    await settle()
    assert.deepEqual(noted, ['aborted', 'closed'])
    res.end('late')
    await settle()
    assert.deepEqual(peer.heard, [])
    assert.equal(service.sleuth.stats().replies, 0)
  })

  it('does not cut a response whose head is there', async () => {
    const { peer, noted, res } = await held(100)
    res.write('one ')
    await settle()
    mock.timers.tick(1_000_000)
    await settle()
    res.end('two')
    await settle()
    assert.deepEqual(noted, ['closed'])
    assert.deepEqual(
      peer.heard.map((frame) => 'body' in frame && frame.body.toString()),
      ['one ', 'two'],
    )
  })

  it('of 0 is none, but for the five minutes that any handler has', async () => {
    const { peer, noted } = await held(0)
    pass(mock.timers, 200_000)
    await settle()
    assert.deepEqual(noted, [])
    pass(mock.timers, 100_100)
    await settle()
    assert.deepEqual(noted, ['aborted', 'closed'])
    const [answer] = peer.heard
    assert.ok(answer?.kind === 'response' && answer.end)
    assert.equal(answer.status, 504)
  })

  it('that no timer can hold is no reason to give up at once', async () => {
    const { noted } = await held(2 ** 32 - 1)
    for (let turn = 0; turn < 10; turn++) mock.timers.tick(50)
    await settle()
    assert.deepEqual(noted, [])
  })
})

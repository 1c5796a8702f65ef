import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { settle } from '../../harness.js'
import type { Frame } from './frames.js'
import { asked, requestFrame, until, wired } from './harness.js'

function whyOf(frames: readonly Frame[]) {
  return frames.map((frame) => 'why' in frame && frame.why)
}

describe('a packet that is lost in the middle of a turn', () => {
  it('does not leave an answer that looks complete', async () => {
    let open: ServerResponse | undefined
    const { sleuth, service } = await wired((_, res) => {
      open = res
      res.flushHeaders()
    })
    const answer = await sleuth.do('sleuth://foo/')
    await until(() => open)
    open?.write(Buffer.alloc(40_000))
    // The end of the answer makes the full packet leave.
    service.node.failure = new Error('no room')
    open?.end()
    service.node.failure = undefined
    await assert.rejects(answer.arrayBuffer(), { code: 'SLEUTH_CUT' })
  })

  it('with a refusal is made good: it is said again', async () => {
    const { service, peer } = await asked(() => {}, { maxInflight: 1 })
    peer.say(requestFrame(1))
    await until(() => service.sleuth.stats().requests === 1)
    service.node.failure = new Error('no room')
    peer.say(requestFrame(2))
    await until(() => service.sleuth.stats().refused === 1)
    await until(() => service.problems().length > 0 || peer.heard.length > 0)
    service.node.failure = undefined
    await until(() => peer.heard.length > 0)
    assert.deepEqual(whyOf(peer.heard.filter(({ stream }) => stream === 2)), ['overloaded'])
  })

  it('is told before that nobody reads the rest of a request whose answer was in it', async () => {
    const { service, peer } = await asked((_, res) => res.end())
    service.node.failure = new Error('no room')
    peer.say(requestFrame(1, { method: 'NONE', end: false }))
    await until(() => service.problems().length > 0)
    await settle(1)
    service.node.failure = undefined
    await until(() => peer.heard.length > 0)
    assert.equal(whyOf(peer.heard)[0], 'lost')
  })

  it('while a handler answers does not end the request that it reads: it learns that the rest is missing', async () => {
    let read: Promise<string> | undefined
    const { service, peer } = await asked((req, res) => {
      read = req.toArray().then(
        (chunks) => `${chunks.length} chunks`,
        (error: NodeJS.ErrnoException) => `${error.code}`,
      )
      res.write(Buffer.alloc(20_000))
      // The end of the answer makes the full packet leave.
      service.node.failure = new Error('no room')
      res.end(Buffer.alloc(20_000))
      service.node.failure = undefined
    })
    peer.say(requestFrame(1, { method: 'POST', end: false }))
    await until(() => read)
    assert.equal(await read, 'ECONNRESET')
  })

  it('with the word that a handler broke off its answer is made good by that word alone', async () => {
    const { service, peer } = await asked((_, res) => {
      res.flushHeaders()
      res.destroy()
    })
    service.node.failure = new Error('no room')
    peer.say(requestFrame(1))
    await until(() => service.problems().length > 0)
    await settle(1)
    service.node.failure = undefined
    await until(() => peer.heard.length > 0)
    assert.deepEqual(whyOf(peer.heard), ['destroyed'])
  })

  it('with the word that a caller has given up is made good: its handler sees it', async () => {
    let open: ServerResponse | undefined
    const { sleuth, caller } = await wired((_, res) => {
      open = res
    })
    const controller = new AbortController()
    const call = sleuth.request('sleuth://foo/', { signal: controller.signal })
    await until(() => open)
    caller.node.failure = new Error('no room')
    controller.abort()
    await assert.rejects(call, { name: 'AbortError' })
    await settle(1)
    caller.node.failure = undefined
    await until(() => open?.closed)
  })
})

import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { mockTime, restoreTime, settle, tick } from '../harness.js'
import { responseFrame, until } from '../transport/streams/harness.js'
import { type Puppet, puppets } from './harness.js'

afterEach(restoreTime)

/** As an instance answers whose app has closed: another is asked, and this answer is kept. */
function answerClosed(peer: Puppet): void {
  const headers = ['x-sleuth-error', 'closed']
  const stream = peer.asked().at(-1) as number
  peer.say({ ...responseFrame(stream, { headers, body: 'closed' }), status: 503 } as never)
}

describe('the answer of an instance whose app has closed', () => {
  it('is given when the time is over and no other has answered', async () => {
    mockTime()
    const { sleuth, peers } = await puppets(2, { timeout: 500 })
    const call = sleuth.request('sleuth://foo/')
    await until(() => peers[0].asked().length === 1)
    answerClosed(peers[0])
    await until(() => peers[1].asked().length === 1)
    tick(500)
    const { status, body } = await call
    assert.deepEqual([status, body.toString()], [503, 'closed'])
  })

  it('is given when the other fails, and there are no more tries', async () => {
    const { sleuth, peers } = await puppets(3, { retry: { tries: 2 } })
    const call = sleuth.request('sleuth://foo/')
    await until(() => peers[0].asked().length === 1)
    answerClosed(peers[0])
    await until(() => peers[1].asked().length === 1)
    peers[1].refuse()
    assert.equal((await call).status, 503)
    assert.equal(peers[2].asked().length, 0)
  })

  it('is not given when the other answers', async () => {
    const { sleuth, peers } = await puppets(2)
    const call = sleuth.request('sleuth://foo/')
    await until(() => peers[0].asked().length === 1)
    answerClosed(peers[0])
    await until(() => peers[1].asked().length === 1)
    peers[1].answer('good')
    assert.equal((await call).body.toString(), 'good')
  })
})

describe('attempts beside each other', () => {
  /** Two instances are asked by one call. */
  async function hedged(count: number, retry = {}) {
    mockTime()
    const parts = await puppets(count, { timeout: 5000, retry: { hedgeAfter: 30, ...retry } })
    const call = parts.sleuth.request('sleuth://foo/')
    await settle()
    tick(30)
    await settle()
    assert.deepEqual(
      parts.peers.slice(0, 2).map((peer) => peer.asked().length),
      [1, 1],
    )
    return { ...parts, call }
  }

  it('that fail in one turn are followed by one', async () => {
    const { sleuth, peers, call } = await hedged(3)
    peers[0].refuse()
    peers[1].refuse()
    await until(() => peers[2].asked().length === 1)
    await settle()
    peers[2].answer('third')
    assert.equal((await call).body.toString(), 'third')
    assert.deepEqual([sleuth.stats().hedges, sleuth.stats().retries], [1, 1])
  })

  it('are all there are instances: no third is made', async () => {
    const { sleuth, peers, call } = await hedged(2)
    tick(100)
    await settle()
    assert.equal(sleuth.stats().hedges, 1)
    peers[1].answer()
    await call
  })

  it('fail together with the last of them, and not before', async () => {
    const { peers, call } = await hedged(2, { tries: 2 })
    let settled = false
    call.catch(() => (settled = true))
    peers[0].refuse('failed')
    await settle()
    assert.equal(settled, false)
    peers[1].node.vanish('expired')
    await assert.rejects(call, { mayHaveRun: true })
  })

  it('that come after the first answer are nothing', async () => {
    const { sleuth, peers, call } = await hedged(2)
    peers[0].answer('first')
    peers[1].answer('second')
    assert.equal((await call).body.toString(), 'first')
    await settle()
    assert.deepEqual([sleuth.stats().pending, sleuth.stats().answers], [0, 1])
  })
})

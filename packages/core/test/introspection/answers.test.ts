import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import type { Peer } from '@sleuth/zre'
import { ALL_REPORTS, Answers, PEER_REFUSALS, PEER_REPORTS } from '#src/introspection/answers.js'
import { decodeAnswer, encodeQuestion } from '#src/introspection/format.js'
import { settle } from '../harness.js'

const peerOf = (id: string) => ({ id }) as Peer
const bear = peerOf('bear')

describe('answers to peers', () => {
  let now: number
  let sent: { peer: string; status: string | undefined }[]
  let dropped: string[]
  let overdone: number
  let allowed: boolean
  let decisions: number
  let report: () => object | Promise<object>
  let failures: unknown[]
  let failure: Error | undefined
  let answers: Answers

  beforeEach(() => {
    now = 1000
    sent = []
    dropped = []
    overdone = 0
    allowed = true
    decisions = 0
    report = () => ({ a: 1 })
    failures = []
    failure = undefined
    answers = new Answers({
      send: (peer, payload) => {
        if (failure !== undefined) throw failure
        sent.push({ peer, status: decodeAnswer(payload)?.status })
      },
      mayAsk: () => {
        decisions++
        return allowed
      },
      reportOf: () => report(),
      dropped: (error) => dropped.push(error.code),
      overdone: () => overdone++,
      failed: (error) => failures.push(error),
      now: () => now,
    })
  })

  const ask = (peer: Peer, subject = 'info', times = 1) => {
    for (let id = 0; id < times; id++) answers.receive(peer, encodeQuestion({ id, subject }))
    return settle(2)
  }

  const counts = () => {
    const by: Record<string, number> = {}
    for (const { status = '' } of sent) by[status] = (by[status] ?? 0) + 1
    return by
  }

  it('are ten a second for each peer; more are refused, and still more passed over and counted', async () => {
    await ask(bear, 'info', 200)
    assert.deepEqual(counts(), { ok: PEER_REPORTS, busy: PEER_REFUSALS })
    assert.equal(overdone, 200 - PEER_REPORTS - PEER_REFUSALS)
    await ask(peerOf('fox'))
    assert.deepEqual(sent.at(-1), { peer: 'fox', status: 'ok' })
    now += 100
    await ask(bear)
    assert.deepEqual(sent.at(-1), { peer: 'bear', status: 'ok' })
    now += 60_000
    sent = []
    await ask(bear, 'info', PEER_REPORTS + 1)
    assert.deepEqual(counts(), { ok: PEER_REPORTS, busy: 1 })
  })

  it('are bounded for all peers together', async () => {
    for (let peer = 0; peer < ALL_REPORTS / PEER_REPORTS + 1; peer++)
      await ask(peerOf(`peer ${peer}`), 'info', PEER_REPORTS)
    assert.deepEqual(counts(), { ok: ALL_REPORTS, busy: PEER_REPORTS })
  })

  it('are not given to who may not ask, nor for what is unknown', async () => {
    await ask(bear, 'trees')
    allowed = false
    await ask(bear)
    assert.deepEqual(counts(), { unknown: 1, refused: 1 })
  })

  it('are decided on ten times a second for a peer, and cost the others nothing', async () => {
    allowed = false
    await ask(bear, 'stats', 200)
    assert.equal(decisions, PEER_REPORTS)
    assert.deepEqual(counts(), { refused: PEER_REPORTS, busy: PEER_REFUSALS - PEER_REPORTS })
    sent = []
    allowed = true
    for (let peer = 0; peer < ALL_REPORTS / PEER_REPORTS; peer++)
      await ask(peerOf(`peer ${peer}`), 'info', PEER_REPORTS)
    assert.deepEqual(counts(), { ok: ALL_REPORTS })
  })

  it('to what is no question are not given: it is dropped', async () => {
    answers.receive(bear, Buffer.of(1, 2, 3))
    assert.deepEqual(dropped, ['SLEUTH_INSPECT_MESSAGE'])
    assert.deepEqual(sent, [])
  })

  it('say so when the report fails or is too large', async () => {
    report = () => {
      throw new Error('broken')
    }
    await ask(bear)
    report = () => ({ text: 'x'.repeat(70_000) })
    await ask(bear)
    assert.deepEqual(counts(), { failed: 2 })
    assert.deepEqual(failures.map(String), ['Error: broken', 'RangeError: it is too large'])
  })

  it('have one probe for each peer at a time, and eight in all', async () => {
    const ends: (() => void)[] = []
    report = () => new Promise((resolve) => ends.push(() => resolve({})))
    await ask(bear, 'probe', 2)
    assert.deepEqual(counts(), { busy: 1 })
    for (let peer = 0; peer < 8; peer++) await ask(peerOf(`peer ${peer}`), 'probe')
    assert.deepEqual(counts(), { busy: 2 })
    for (const end of ends) end()
    await settle(2)
    assert.deepEqual(counts(), { busy: 2, ok: 8 })
    report = () => ({})
    await ask(bear, 'probe')
    assert.deepEqual(counts(), { busy: 2, ok: 9 })
  })

  it('that can not be sent are not given: the peer has gone, or does not read', async () => {
    failure = new Error('full')
    await ask(bear, 'info', 2)
    failure = undefined
    await ask(bear)
    assert.deepEqual(counts(), { ok: 1 })
    assert.deepEqual(failures, [])
  })

  it('to a peer that goes meanwhile fail without a word', async () => {
    let end: (() => void) | undefined
    report = () => new Promise((resolve) => (end = () => resolve({})))
    await ask(bear, 'probe')
    answers.gone('bear')
    end?.()
    await settle(2)
    assert.equal(sent.length, 1)
  })
})

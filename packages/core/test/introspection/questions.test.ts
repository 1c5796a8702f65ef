import assert from 'node:assert/strict'
import { afterEach, it } from 'node:test'
import { decodeQuestion, encodeAnswer } from '#src/introspection/format.js'
import type { Inquiry } from '#src/introspection/inquiry.js'
import { MAX_QUESTIONS, Questions } from '#src/introspection/questions.js'
import { sleuthError } from '#src/shared/errors.js'
import { mockTime, restoreTime, settle, tick } from '../harness.js'

const inquiry = { peer: 'bear', subject: 'info', timeout: Infinity, signal: undefined } as const

afterEach(restoreTime)

it('a node has so many questions open at a time, each with a number of its own', async () => {
  const ids = new Set<number>()
  const questions = new Questions({
    send: (_peer, payload) => ids.add(decodeQuestion(payload)?.id ?? -1),
    hindrance: () => undefined,
    dropped: assert.fail,
  })
  const asked = Array.from({ length: MAX_QUESTIONS }, () => questions.ask(inquiry))
  assert.equal(ids.size, MAX_QUESTIONS)
  assert.throws(() => questions.ask(inquiry), { code: 'SLEUTH_INSPECT_BUSY', retryable: true })
  const [first = -1] = ids
  questions.receive('bear', encodeAnswer({ id: first, status: 'ok', json: '{}' }))
  asked.push(questions.ask(inquiry))
  questions.gone('fox')
  assert.equal(questions.size, MAX_QUESTIONS)
  questions.gone('bear')
  assert.equal(questions.size, 0)
  const outcomes = await Promise.allSettled(asked)
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
})

it('a question that can not be sent fails at once', async () => {
  const questions = new Questions({
    send: () => {
      throw new Error('full')
    },
    hindrance: () => undefined,
    dropped: assert.fail,
  })
  await assert.rejects(questions.ask(inquiry), { code: 'SLEUTH_INSPECT_PEER' })
  assert.equal(questions.size, 0)
})

it('an answer that comes too late is passed over once; the same again is what nobody asked for', async () => {
  let id = -1
  const dropped: string[] = []
  const questions = new Questions({
    send: (_peer, payload) => {
      id = decodeQuestion(payload)?.id ?? -1
    },
    hindrance: () => undefined,
    dropped: (error) => dropped.push(error.code),
  })
  const aborter = new AbortController()
  const asked = questions.ask({ ...inquiry, signal: aborter.signal })
  aborter.abort()
  await assert.rejects(asked)
  const late = encodeAnswer({ id, status: 'ok', json: '{}' })
  questions.receive('fox', late)
  assert.deepEqual(dropped, ['SLEUTH_INSPECT_MESSAGE'])
  questions.receive('bear', late)
  assert.equal(dropped.length, 1)
  questions.receive('bear', late)
  assert.equal(dropped.length, 2)

  const answered = questions.ask(inquiry)
  questions.receive('bear', encodeAnswer({ id, status: 'ok', json: '{}' }))
  await answered
  questions.receive('bear', encodeAnswer({ id, status: 'ok', json: '{}' }))
  assert.equal(dropped.length, 3)
})

it('so many answers that come late are known', async () => {
  const ids: number[] = []
  let dropped = 0
  const questions = new Questions({
    send: (_peer, payload) => ids.push(decodeQuestion(payload)?.id ?? -1),
    hindrance: () => undefined,
    dropped: () => dropped++,
  })
  for (let made = 0; made < 1100; made++) {
    const asked = questions.ask(inquiry)
    questions.gone('bear')
    await assert.rejects(asked)
  }
  for (const id of ids) questions.receive('bear', encodeAnswer({ id, status: 'ok', json: '{}' }))
  assert.equal(dropped, 1100 - 1024)
})

/** A question to a peer that a link is made to. */
function reaching(more: Partial<Inquiry> = {}) {
  let linked = () => {}
  let hindrance: ReturnType<typeof sleuthError> | undefined
  const sent: number[] = []
  const questions = new Questions({
    send: (_peer, payload) => sent.push(decodeQuestion(payload)?.id ?? -1),
    hindrance: () => hindrance,
    dropped: assert.fail,
  })
  const reached = new Promise<void>((resolve) => {
    linked = resolve
  })
  const asked = questions.ask({ ...inquiry, ...more }, reached)
  const hinder = () => {
    hindrance = sleuthError('SLEUTH_INSPECT_PEER', { peer: 'bear' })
  }
  return { questions, asked, sent, linked, hinder }
}

it('a question waits for a link, and does not mind that the one before it is closed', async () => {
  const { questions, asked, sent, linked } = reaching()
  questions.gone('bear')
  await settle()
  assert.equal(sent.length, 0)
  assert.deepEqual([questions.awaits('bear'), questions.awaits('fox')], [true, false])
  linked()
  await settle()
  assert.equal(sent.length, 1)
  questions.receive('bear', encodeAnswer({ id: sent[0] ?? -1, status: 'ok', json: '{"a":1}' }))
  assert.deepEqual(await asked, { a: 1 })
  assert.equal(questions.awaits('bear'), false)
})

it('a question that waits for a link ends in time, by its signal and at close, and is not sent then', async () => {
  mockTime()
  const late = reaching({ timeout: 5 })
  const timedOut = assert.rejects(late.asked, { code: 'SLEUTH_INSPECT_TIMEOUT' })
  tick(5)
  await timedOut
  const reason = new Error('enough')
  const aborter = new AbortController()
  const aborted = reaching({ signal: aborter.signal })
  aborter.abort(reason)
  await assert.rejects(aborted.asked, reason)
  const closed = reaching()
  closed.questions.close()
  await assert.rejects(closed.asked, { code: 'SLEUTH_CLOSED' })
  for (const { linked, sent } of [late, aborted, closed]) {
    linked()
    await settle()
    assert.deepEqual(sent, [])
  }
})

it('a question fails if there is no link to be made', async () => {
  const { asked, sent, linked, hinder } = reaching()
  hinder()
  linked()
  await assert.rejects(asked, { code: 'SLEUTH_INSPECT_PEER' })
  assert.deepEqual(sent, [])
})

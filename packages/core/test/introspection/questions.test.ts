import assert from 'node:assert/strict'
import { it } from 'node:test'
import { decodeQuestion, encodeAnswer } from '#src/introspection/format.js'
import { MAX_QUESTIONS, Questions } from '#src/introspection/questions.js'

const inquiry = { peer: 'bear', subject: 'info', timeout: Infinity, signal: undefined } as const

it('a node has so many questions open at a time, each with a number of its own', async () => {
  const ids = new Set<number>()
  const questions = new Questions({
    send: (_peer, payload) => ids.add(decodeQuestion(payload)?.id ?? -1),
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

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

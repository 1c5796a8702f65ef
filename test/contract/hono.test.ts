import assert from 'node:assert/strict'
import type { Difference } from './harness/case.js'
import { comparable } from './harness/compare.js'
import type { Answer } from './harness/message.js'
import { suite } from './harness/suite.js'

const noTrace: Difference = {
  why: 'no Request can hold TRACE: sleuth answers 501, @hono/node-server makes one all the same',
  check: ([answer]) => assert.equal(answer?.status, 501),
}

const refused: Difference = {
  why: 'sleuth refuses a path with a backslash in its own words',
  check: (answers, reference) => {
    for (const one of [answers, reference]) assert.equal(one[0]?.status, 400)
  },
}

const ownType: Difference = {
  why: 'a Response has the type that the app gave it: @hono/node-server calls one without a type text',
  check: (answers, reference) => {
    const asSent = reference.map((answer, index) => {
      if (answers[index]?.headers['content-type'] !== undefined) return answer
      assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8')
      return { ...answer, headers: { ...answer.headers, 'content-type': undefined } }
    })
    assert.deepEqual(
      answers.map((answer) => comparable(answer, undefined)),
      asSent.map((answer) => comparable(answer, undefined)),
    )
  },
}

const ownText: Difference = {
  why: 'sleuth writes the statusText of a Response, @hono/node-server does not',
  check: ([answer], [reference]) => {
    if (answer?.statusText !== undefined) assert.equal(answer.statusText, 'Quite Fine')
    assert.equal(reference?.statusText, 'OK')
    assert.deepEqual(comparable(answer as Answer, undefined), comparable(reference as Answer, undefined))
  },
}

const untyped = [
  'a large file',
  'long text',
  'a Response of bytes',
  'a Response of part-of-a-buffer',
  'a Response of array-buffer',
  'a Response of empty-bytes',
  'a Response of stream',
  'a Response of empty-stream',
  'a Response of late-stream',
  'a part of a buffer is that part',
  'the body of another Response',
]

await suite('hono', {
  differs: {
    'method TRACE': noTrace,
    'a backslash': refused,
    'a phrase of its own (the code is what counts)': ownText,
    ...Object.fromEntries(untyped.map((name) => [name, ownType])),
  },
})

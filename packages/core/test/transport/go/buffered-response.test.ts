import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BufferedResponse, type WholeResponse } from '#src/transport/go/buffered-response.js'

type Answer = [response: WholeResponse, reason: string | null]

function gather(limit = 10, method = 'GET'): { reply: BufferedResponse; answers: Answer[] } {
  const answers: Answer[] = []
  return { reply: new BufferedResponse(method, limit, (...answer) => answers.push(answer)), answers }
}

const ignore = () => {}

describe('a gathered response', () => {
  test('is whole', () => {
    const { reply, answers } = gather()
    reply.head(201, 'Created', ['X-A', '1', 'x-a', '2'])
    reply.data([Buffer.from('ab'), Buffer.from('c')], ignore)
    reply.data([Buffer.from('d')], ignore)
    assert.deepEqual(answers, [])
    reply.end()
    assert.deepEqual(answers, [
      [{ status: 201, headers: ['X-A', '1', 'x-a', '2'], body: Buffer.from('abcd') }, null],
    ])
  })

  test('may be empty', () => {
    const { reply, answers } = gather()
    reply.head(204, 'No Content', [])
    reply.end()
    assert.equal(answers[0]?.[0].body.length, 0)
  })

  test('keeps no buffer of the handler’s', () => {
    const { reply, answers } = gather()
    const chunk = Buffer.from('first')
    reply.head(200, 'OK', [])
    reply.data([chunk], () => chunk.fill('x'))
    reply.end()
    assert.equal(answers[0]?.[0].body.toString(), 'first')
  })

  test('may be as large as the limit, and no larger', () => {
    for (const [size, status] of [
      [10, 200],
      [11, 502],
    ] as const) {
      const { reply, answers } = gather(10)
      reply.head(200, 'OK', [])
      let failed: Error | null | undefined
      reply.data([Buffer.alloc(4), Buffer.alloc(size - 4)], (error) => {
        failed = error
      })
      reply.end()
      assert.equal(answers.length, 1)
      assert.equal(answers[0]?.[0].status, status)
      assert.equal(answers[0]?.[1], size > 10 ? 'too-large' : null)
      assert.equal(Boolean(failed), size > 10)
    }
  })

  test('that is aborted is answered with an error, once', () => {
    const { reply, answers } = gather()
    reply.head(200, 'OK', ['Content-Type', 'text/html'])
    reply.data([Buffer.from('half')], ignore)
    reply.abort('destroyed')
    reply.abort('timeout')
    reply.end()
    assert.equal(answers.length, 1)
    const [response, reason] = answers[0] as Answer
    assert.equal(reason, 'destroyed')
    assert.equal(response.status, 502)
    assert.deepEqual(response.headers.slice(-2), ['X-Sleuth-Error', 'destroyed'])
    assert.match(response.body.toString(), /aborted its response/)
  })

  test('that is aborted has no body for HEAD', () => {
    const { reply, answers } = gather(10, 'HEAD')
    reply.abort('timeout')
    assert.equal(answers[0]?.[0].status, 504)
    assert.equal(answers[0]?.[0].body.length, 0)
  })
})

import assert from 'node:assert/strict'
import { group, test } from '../harness/case.js'
import { get, head, header } from '../harness/message.js'
import { noCut } from './whole.js'

const bodies = {
  null: 204,
  undefined: 204,
  string: 200,
  markup: 200,
  buffer: 200,
  object: 200,
  array: 200,
  number: 200,
  true: 200,
  stream: 200,
  file: 200,
  blob: 200,
  'web-stream': 200,
  response: 201,
}

export const koa = group('Koa itself', [
  Object.entries(bodies).map(([type, status]) => test(`ctx.body = ${type}`, status, get(`/body/${type}`))),
  Object.entries(bodies).map(([type, status]) =>
    test(`HEAD, ctx.body = ${type}`, status, head(`/body/${type}`)),
  ),
  test('a body that fails in the middle', 'cut', get('/body/failing-stream'), { whole: noCut }),
  [400, 404, 418, 500].map((status) =>
    test(`ctx.throw(${status})`, status, get(`/default-handler/thrown/${status}`)),
  ),
  test('ctx.throw with a message', 400, get('/default-handler/own/exposed'), {
    check: ([answer]) => assert.equal(String(answer?.body), 'name required'),
  }),
  test(
    'ctx.assert',
    [422, 404],
    [get('/default-handler/own/asserted'), get('/default-handler/own/asserted?name=x')],
  ),
  test('an error with a code of the system', 500, get('/default-handler/own/enoent')),
  test('ctx.attachment', 200, get('/attachment'), {
    check: ([answer]) =>
      assert.match(header(answer, 'content-disposition'), /UTF-8''%E6%95%B0%E3%81%88\.txt/),
  }),
  test('ctx.respond = false', 201, get('/by-hand')),
  test('ctx.accepts, HTML', 200, get('/negotiated', { Accept: 'text/html' })),
  test('ctx.accepts, JSON', 200, get('/negotiated', { Accept: 'application/json' })),
  test('a status and no body', 200, get('/only-head')),
])

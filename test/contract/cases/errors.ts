import assert from 'node:assert/strict'
import { digits, mebibyte } from '../apps/content.js'
import { group, test } from '../harness/case.js'
import { get, head, header, request } from '../harness/message.js'
import { noCut } from './whole.js'

export const errors = group('Errors and error handlers', [
  test('thrown', 500, get('/throw'), {
    check: ([answer]) => assert.match(String(answer?.body), /"error":"boom"/),
  }),
  test('a promise rejected', 503, get('/reject')),
  [400, 401, 404, 418, 500, 502].map((status) =>
    test(`an error with status ${status}`, status, get(`/error/${status}`)),
  ),
  test('left to the framework', 500, get('/default-handler')),
  test('left to the framework, with a status and headers', 409, get('/default-handler/409')),
  test('left to the framework, by HEAD', 500, head('/default-handler')),
  test('left to the framework, in JSON', 500, get('/default-handler', { Accept: 'application/json' })),
  test('nothing there', 404, get('/nowhere')),
  test('nothing there, by POST', 404, request('POST', '/nowhere')),
  test('a reply that breaks off', 'cut', get('/after-head'), { whole: noCut }),
])

export const streams = group('Streaming replies', [
  test('in chunks', 200, get('/stream/chunks'), {
    check: ([answer]) => {
      assert.equal(String(answer?.body), 'one,two,three')
      assert.equal(header(answer, 'content-length'), '')
    },
  }),
  test('the head before the body', 200, get('/stream/flushed')),
  test('of a known length', 200, get('/stream/known-length'), {
    check: ([answer]) => assert.equal(header(answer, 'content-length'), '10'),
  }),
  test('a file', 200, get('/stream/file'), {
    check: ([answer]) => assert.equal(String(answer?.body), digits),
  }),
  test('a large file', 200, get('/stream/large'), {
    check: ([answer]) => assert.ok(answer?.body.equals(mebibyte)),
  }),
  test('long text', 200, get('/stream/text')),
  test('HEAD', 200, head('/stream/known-length')),
])

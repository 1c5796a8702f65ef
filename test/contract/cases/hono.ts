import assert from 'node:assert/strict'
import { binary, unicode } from '../apps/content.js'
import { group, test } from '../harness/case.js'
import { type Answer, get, head, header, post } from '../harness/message.js'
import { failed, noCut } from './whole.js'

const bodies = [
  'null',
  'string',
  'empty-string',
  'bytes',
  'part-of-a-buffer',
  'array-buffer',
  'empty-bytes',
  'form',
  'stream',
  'empty-stream',
  'late-stream',
]

/** Node 24 gives the bytes of a blob only later, so it may have no length. */
const mayHaveLength = {
  blank: (answer: Answer) => ({ ...answer, headers: { ...answer.headers, 'content-length': undefined } }),
}

const ofRequests = ['twice', 'cloned', 'blob', 'first-piece']

export const hono = group('Fetch handlers: Hono itself', [
  bodies.map((type) => test(`a Response of ${type}`, 200, get(`/body/${type}`))),
  bodies.map((type) => test(`a Response of ${type}, with a type`, 200, get(`/typed/${type}`))),
  bodies.map((type) => test(`HEAD, a Response of ${type}`, 200, head(`/body/${type}`))),
  test('a Response of a blob', 200, get('/body/blob'), mayHaveLength),
  test('a Response of a blob, with a type', 200, get('/typed/blob'), mayHaveLength),
  test('a Response of a blob without a type, with one', 200, get('/typed/blob-without-type'), mayHaveLength),
  test('HEAD, a Response of a blob', 200, head('/body/blob'), mayHaveLength),
  test('text is as it was written', 200, get('/body/string'), {
    check: ([answer]) => assert.equal(String(answer?.body), unicode),
  }),
  test('a part of a buffer is that part', 200, get('/body/part-of-a-buffer'), {
    check: ([answer]) => assert.ok(answer?.body.equals(binary.subarray(100, 200))),
  }),
  test('a body that fails in the middle', 'cut', get('/body/failing-stream'), { whole: noCut }),
  test('Response.json', 201, get('/response/json')),
  test('Response.redirect', 307, get('/response/redirect')),
  test('Response.error', 500, get('/response/error'), { sleuth: failed }),
  test('a clone', 200, get('/response/cloned')),
  test('several cookies, one with a comma', 200, get('/response/cookies'), {
    check: ([answer]) => assert.equal(answer?.headers['set-cookie']?.length, 2),
  }),
  test('the body of another Response', 200, get('/response/again')),
  test('a length of its own', 200, get('/response/length')),
  test('headers of a connection', 200, get('/response/connection')),
  test('a transfer encoding', 200, get('/response/chunked')),
  ofRequests.map((way) => {
    return test(`a Request, ${way}`, 200, post(`/request/${way}`, 'text/plain', 'what is read'), {
      check: ([answer]) => assert.match(String(answer?.body), /"seen":/),
    })
  }),
  ['none', 'headers', 'kinds'].map((what) => {
    return test(`a Request, ${what}`, 200, get(`/request/${what}`, { 'X-B': ['1', '2'], 'X-A': 'a' }))
  }),
  test('outgoing, written by the handler', 201, get('/by-hand'), {
    check: ([answer]) => assert.equal(String(answer?.body), 'by hand'),
  }),
  test('outgoing, written by the handler later', 201, get('/by-hand/later')),
  test('outgoing, a header', 200, get('/by-hand/header'), {
    check: ([answer]) => assert.equal(header(answer, 'x-of-node'), 'yes'),
  }),
  test('an error that nobody handles', 500, get('/unhandled'), { sleuth: failed }),
  test('no Response', 500, get('/no-response')),
  test('a validator', [200, 400], [get('/validated?n=7'), get('/validated')]),
])

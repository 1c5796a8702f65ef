import assert from 'node:assert/strict'
import { digits } from '../apps/content.js'
import { group, test } from '../harness/case.js'
import { get, head, header, post, request } from '../harness/message.js'

export const express = group('Express itself', [
  test(
    'a proxy that is trusted',
    200,
    get('/proxied', {
      'X-Forwarded-For': '203.0.113.9, 198.51.100.7',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'shop.example.test',
    }),
    { check: ([answer]) => assert.match(String(answer?.body), /"ip":"203\.0\.113\.9".*"secure":true/) },
  ),
  test('res.sendFile', 200, get('/send-file'), {
    check: ([answer]) => assert.equal(String(answer?.body), digits),
  }),
  test('res.sendFile, a range', 206, get('/send-file', { Range: 'bytes=10-19' })),
  test('res.sendFile, HEAD', 200, head('/send-file')),
  test('res.sendFile with a root', 200, get('/send-file/root')),
  test('res.sendFile of nothing', 404, get('/send-file/missing')),
  test('res.download', 200, get('/download'), {
    check: ([answer]) =>
      assert.match(header(answer, 'content-disposition'), /filename\*=UTF-8''z%C3%A4hler\.txt/),
  }),
  test('res.attachment', 200, get('/attachment')),
  test('res.jsonp', 200, get('/jsonp?callback=cb')),
  test('res.jsonp without a callback', 200, get('/jsonp')),
  test('res.format, JSON', 200, get('/format', { Accept: 'application/json' })),
  test('res.format, HTML', 200, get('/format', { Accept: 'text/html' })),
  test('res.format, none of them', 406, get('/format', { Accept: 'image/png' })),
  [200, 204, 404, 500].map((status) =>
    test(`res.sendStatus(${status})`, status, get(`/send-status/${status}`)),
  ),
  test('res.links, res.location', 200, get('/links')),
  test('res.writeHead', 201, get('/raw/write-head')),
  test('an implicit head', 203, get('/raw/implicit')),
  test('only a head', 200, get('/raw/head-only')),
  test('HEAD of only a head', 200, head('/raw/head-only')),
  test('the state of a response', 200, get('/res-state')),
  test("next('route')", 200, get('/jump'), {
    check: ([answer]) => assert.equal(String(answer?.body), 'this'),
  }),
  test('router.param', [200, 404], [get('/param/4'), get('/param/5')]),
  test(
    'router.route',
    [200, 200, 404],
    [get('/chained'), post('/chained', 'text/plain', 'x'), request('PUT', '/chained')],
  ),
  test('OPTIONS that Express answers', 200, request('OPTIONS', '/chained'), {
    check: ([answer]) => assert.match(header(answer, 'allow'), /GET/),
  }),
])

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useInstead } from './harness/older.js'

// Koa 2 has no `ctx.back`, takes no `Response` as a body, and answers 404 where a file is missing.
const otherwise = [
  'back',
  'back, from nowhere',
  'ctx.body = response',
  'HEAD, ctx.body = response',
  'an error with a code of the system',
]
// When a body fails in the middle, Koa 2 leaves the caller waiting.
const without = ['a body that fails in the middle']

useInstead('koa', 'koa-2')
const { suite } = await import('./harness/suite.js')
await suite('koa', { otherwise, without })

test('these are apps of Koa 2', async () => {
  const { default: Koa } = await import('koa')
  const app = new Koa()
  // Koa 3 has this method for every app.
  assert.ok(!('back' in app.context))
})

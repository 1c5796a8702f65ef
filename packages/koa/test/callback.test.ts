import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lazyCallback } from '#src/callback.js'

test('the callback is built at the first request, and again only when there is more middleware', () => {
  let built = 0
  const app = {
    middleware: ['one'],
    callback() {
      built += 1
      return () => `built ${built} times`
    },
  }
  const callback = lazyCallback(app)
  const call = () => callback({} as never, {} as never)
  assert.equal(built, 0)
  assert.equal(call(), 'built 1 times')
  assert.equal(call(), 'built 1 times')
  app.middleware.push('two')
  assert.equal(call(), 'built 2 times')
  app.middleware.pop()
  assert.equal(call(), 'built 3 times')
})

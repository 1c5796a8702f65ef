import assert from 'node:assert/strict'
import { getEventListeners, once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { check } from '#src/expose/check.js'

test('checks that fail leave nothing behind, however many there are', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const target = { host: '127.0.0.1', port, authority: `127.0.0.1:${port}`, base: '', href: '' }
  const { signal } = new AbortController()
  for (const path of [undefined, '/health']) {
    const { ok, why } = await check(target, path, signal)
    assert.equal(ok, false)
    assert.match(why, /ECONNREFUSED/)
    assert.deepEqual(getEventListeners(signal, 'abort'), [])
  }
})

test('a check ends with its signal', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const target = { host: '127.0.0.1', port, authority: `127.0.0.1:${port}`, base: '', href: '' }
  const abort = new AbortController()
  const connected = once(server, 'connection')
  const verdict = check(target, '/health', abort.signal)
  const [socket] = await connected
  abort.abort()
  assert.equal((await verdict).ok, false)
  socket.destroy()
  server.close()
})

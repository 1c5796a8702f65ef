import assert from 'node:assert/strict'
import { it } from 'node:test'
import { WINDOW, zeromqWindows } from '#src/shared/limits.js'
import { PeerLoad } from '#src/transport/streams/peer-load.js'
import { Session } from '#src/transport/streams/session.js'
import { until, wired } from './harness.js'

it('who gives a call up is told once that it is over, though what it had written can not be sent', () => {
  const told: string[] = []
  const session = new Session({
    channel: {
      takesTails: false,
      windows: zeromqWindows,
      send: () => {
        throw new Error('the queue is full')
      },
      flush() {},
      acknowledged: async () => true,
    },
    load: new PeerLoad({ maxStreams: 1, maxBuffered: WINDOW, dropped: () => {} }),
    server: () => ({ accept() {} }),
    now: () => 0,
    maxQueued: Infinity,
    unsent: () => {},
    dropped: () => {},
    control: () => {},
    closed: () => {},
  })
  // Large enough that the next word sends it.
  const request = {
    deadline: 0,
    method: 'PUT',
    url: '/',
    headers: [],
    body: Buffer.alloc(8192),
    length: undefined,
  }
  const calling = session.call(request, {
    onBodyRead: () => told.push('body'),
    onResponse: () => told.push('response'),
    onError: () => told.push('error'),
    onEnd: () => told.push('end'),
  })
  calling.cancel()
  session.close({ type: 'closed' })
  assert.deepEqual(told, ['end'])
})

it('a call that its own body aborts while it is opened does not go on', async () => {
  const { sleuth } = await wired((req, res) => {
    res.writeHead(200)
    req.resume()
  })
  const controller = new AbortController()
  let returned = false
  async function* body() {
    try {
      controller.abort(new Error('given up'))
      for (;;) yield Buffer.alloc(1024)
    } finally {
      returned = true
    }
  }
  const call = sleuth.request('sleuth://foo/', { method: 'POST', body: body(), signal: controller.signal })
  await assert.rejects(call, /given up/)
  await until(() => returned)
})

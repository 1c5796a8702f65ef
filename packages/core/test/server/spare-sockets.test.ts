import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Dispatcher } from '#src/server/dispatcher.js'
import type { AdmittedRequest, Listener, RemoteCaller } from '#src/server/types.js'
import type { ResponseSink } from '#src/transport/transport.js'
import { callerAt } from './callers.js'

const local = { address: '127.0.0.1', port: 2 }
const reply: ResponseSink = { head() {}, data: (_, done) => done(), end() {}, cut() {} }

/** Answers requests one after another; gives the sockets that they came by. */
async function sockets(
  listener: Listener,
  callers: readonly RemoteCaller[],
  more: Partial<AdmittedRequest> = {},
) {
  const used: IncomingMessage['socket'][] = []
  const dispatcher = new Dispatcher({
    listener: (req, res) => {
      used.push(req.socket)
      return listener(req, res)
    },
    service: 'foo',
    local,
    timeout: 8000,
    onError: assert.fail,
  })
  for (const caller of callers) {
    dispatcher.dispatch({ method: 'GET', url: '/', headers: [], body: null, caller, ...more }, reply)
    await turn()
    await turn()
  }
  return used
}

describe('a socket', () => {
  const one = callerAt(1)

  it('serves one request of a caller after another', async () => {
    const [first, second] = await sockets((_, res) => res.end('x'), [one, one])
    assert.equal(first, second)
    assert.equal(first?.destroyed, false)
  })

  it('serves no other caller', async () => {
    const [first, second] = await sockets((_, res) => res.end('x'), [one, callerAt(7)])
    assert.notEqual(first, second)
    assert.deepEqual([first?.remotePort, second?.remotePort], [1, 7])
  })

  it('does not serve two requests at a time', async () => {
    const [first, second] = await sockets(() => {}, [one, one])
    assert.notEqual(first, second)
  })

  const traces: [string, Listener][] = [
    ['that is still listened to', (req, res) => res.end('x', () => req.socket.on('timeout', () => {}))],
    [
      'that somebody waits for to close',
      (req, res) => res.end('x', () => req.socket.once('close', () => {})),
    ],
    ['that was given a timeout', (req, res) => res.end('x', () => req.socket.setTimeout(1000))],
    ['that is destroyed', (req, res) => res.end('x', () => req.socket.destroy())],
    ['that the handler ended', (req, res) => res.end('x', () => req.socket.end())],
  ]
  for (const [what, listener] of traces) {
    it(`${what} does not serve again`, async () => {
      const [first, second] = await sockets(listener, [one, one])
      assert.notEqual(first, second)
    })
  }

  it('whose request nobody has read to its end does not serve again: who destroys it destroys the socket', async () => {
    const listener: Listener = (req, res) => {
      req.once('data', () => {
        req.pause()
        res.end('x')
      })
    }
    const [first, second] = await sockets(listener, [one, one], {
      method: 'POST',
      body: Buffer.alloc(100_000, 'x'),
    })
    assert.notEqual(first, second)
  })
})

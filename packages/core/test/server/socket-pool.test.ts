import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Peer } from '@sleuth/zre'
import type { Listener } from '#src/server/types.js'
import type { IncomingRequest } from '#src/transport/transport.js'
import { get, peerAt, Sink, serverOf } from './callers.js'

/** Answers requests one after another; gives the sockets that they came by. */
async function sockets(listener: Listener, callers: readonly Peer[], more: Partial<IncomingRequest> = {}) {
  const used: IncomingMessage['socket'][] = []
  const { server, errors } = serverOf((req, res) => {
    used.push(req.socket)
    return listener(req, res)
  })
  for (const caller of callers) {
    server.accept(caller, { ...get, ...more }, new Sink())
    await turn()
    await turn()
  }
  assert.deepEqual(errors, [])
  return used
}

describe('a socket', () => {
  const one = peerAt(1)

  it('serves one request of a caller after another', async () => {
    const [first, second] = await sockets((_, res) => res.end('x'), [one, one])
    assert.equal(first, second)
    assert.equal(first?.destroyed, false)
  })

  it('serves no other caller', async () => {
    const [first, second] = await sockets((_, res) => res.end('x'), [one, peerAt(7)])
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

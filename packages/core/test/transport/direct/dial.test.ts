import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { dial } from '#src/transport/direct/dial.js'
import { encodeAnswer, GREETING_BYTES } from '#src/transport/direct/handshake.js'
import { HANDSHAKE_MS } from '#src/transport/direct/listener.js'
import type { DialOptions } from '#src/transport/direct/way.js'

const token = Buffer.alloc(16, 1)
const proof = Buffer.alloc(16, 2)

describe('a node that connects to a peer', () => {
  let server: Server
  let taken: Socket[]
  let gone: AbortController

  beforeEach(async () => {
    taken = []
    gone = new AbortController()
    server = createServer((socket) => taken.push(socket.on('error', () => {}))).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => {
    for (const socket of taken) socket.destroy()
    server.close()
  })

  function begin(more: Partial<DialOptions> = {}) {
    const { port } = server.address() as AddressInfo
    const id = 'A'.repeat(32)
    const offer = { port, token, proof }
    return dial({ host: '127.0.0.1', localAddress: '127.0.0.1', id, offer, signal: gone.signal, ...more })
  }

  /** What listens, once it has read the greeting. */
  async function listening(): Promise<Socket> {
    if (taken.length === 0) await once(server, 'connection')
    const [socket] = taken as [Socket]
    let bytes = 0
    while (bytes < GREETING_BYTES) bytes += (await once(socket, 'data'))[0].length
    return socket
  }

  it('is connected when the peer shows that it made the offer, in whatever pieces that comes', async () => {
    const dialled = begin()
    const socket = await listening()
    const answer = encodeAnswer(proof)
    socket.setNoDelay(true)
    for (const byte of answer.subarray(0, -1)) {
      socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    socket.write(Buffer.concat([answer.subarray(-1), Buffer.from('more')]))
    const { socket: own, first } = await dialled
    const rest = Buffer.concat([first, ...(first.length < 4 ? [(await once(own.resume(), 'data'))[0]] : [])])
    assert.equal(rest.toString(), 'more')
    own.destroy()
  })

  for (const [what, bytes, message] of [
    ['what is not sleuth', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), /not sleuth/],
    ['who has not made the offer', encodeAnswer(Buffer.alloc(16, 3)), /not the peer/],
  ] as const) {
    it(`takes no answer of ${what}`, async () => {
      const dialled = begin()
      const closed = listening().then(async (socket) => {
        socket.write(bytes)
        await once(socket, 'close')
      })
      await assert.rejects(dialled, message)
      await closed
    })
  }

  it('gives up when the peer closes the connection first', async () => {
    const dialled = begin()
    void listening().then((socket) => socket.end())
    await assert.rejects(dialled, /closed the connection before it answered/)
  })

  it('gives up when nobody wants the connection any more, or the peer is silent', async (test) => {
    const unwanted = begin()
    await listening()
    gone.abort()
    await assert.rejects(unwanted, /not wanted any more/)

    test.mock.timers.enable({ apis: ['setTimeout'] })
    const silent = begin({ signal: new AbortController().signal })
    test.mock.timers.tick(HANDSHAKE_MS - 1)
    test.mock.timers.tick(1)
    await assert.rejects(silent, /did not answer in time/)
  })

  it('fails where nobody listens, or it has no such address', async () => {
    await assert.rejects(begin({ localAddress: '192.0.2.1' }), { code: 'EADDRNOTAVAIL' })
    const closed = once(server, 'close')
    const refused = begin({ host: '127.0.0.2', localAddress: undefined })
    await assert.rejects(refused, { code: 'ECONNREFUSED' })
    server.close()
    await closed
  })
})

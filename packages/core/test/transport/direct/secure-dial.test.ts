import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Greeting } from '#src/transport/direct/handshake.js'
import { HANDSHAKE_MS, Listener } from '#src/transport/direct/listener.js'
import { secureDial } from '#src/transport/direct/secure-dial.js'
import { secureHear } from '#src/transport/direct/secure-hear.js'
import { tlsOptions } from '#src/transport/direct/tls-options.js'
import type { DialOptions } from '#src/transport/direct/way.js'
import { until } from '../streams/harness.js'
import { cert, key } from './certificate.js'
import { ManInTheMiddle } from './man-in-the-middle.js'

const host = '127.0.0.1'
const id = 'A'.repeat(32)
const token = Buffer.alloc(16, 1)
const proof = randomBytes(32)

describe('a node that connects to a peer with keys', () => {
  let gone: AbortController
  /** No socket of a node keeps the process going. */
  let alive: NodeJS.Timeout
  let closing: (() => void)[]
  let taken: Socket[]

  beforeEach(() => {
    alive = setInterval(() => {}, 1000)
    gone = new AbortController()
    closing = []
    taken = []
  })
  afterEach(() => {
    clearInterval(alive)
    for (const close of closing) close()
    for (const socket of taken) socket.destroy()
  })

  function begin(port: number, more: Partial<DialOptions> = {}) {
    const offer = { port, token, proof }
    return secureDial({ host, localAddress: host, id, offer, signal: gone.signal, ...more })
  }

  /** The port of the peer that made the offer. */
  async function peer(): Promise<number> {
    const listener = new Listener({
      hear: secureHear,
      admit: (greeting: Greeting) =>
        greeting.id === id && greeting.token.equals(token)
          ? { proof, accept: (socket) => taken.push(socket) }
          : undefined,
      refused: () => {},
    })
    closing.push(() => listener.close())
    return listener.port(host)
  }

  async function listening(server: Server): Promise<number> {
    server.listen(0, host)
    await once(server, 'listening')
    closing.push(() => server.close())
    return (server.address() as AddressInfo).port
  }

  /** Whatever speaks TLS, and wants no secret of ours. */
  function other(options: TlsOptions): Promise<number> {
    const server = createTlsServer(options, (socket) => {
      taken.push(socket.on('error', () => {}))
      socket.on('data', (data) => assert.fail(`it was told ${data}`))
    })
    server.on('tlsClientError', () => {})
    return listening(server)
  }

  it('is connected when both have the secret', async () => {
    const { socket, first } = await begin(await peer())
    await until(() => taken.length === 1)
    assert.equal(first.length, 0)
    socket.write('hello')
    const [heard] = await once(taken[0] as Socket, 'data')
    assert.equal(String(heard), 'hello')
    const ended = once(taken[0] as Socket, 'close')
    socket.end()
    await ended
  })

  it('takes nobody who has another secret', async () => {
    const port = await other({ ...tlsOptions, pskCallback: () => randomBytes(32) })
    await assert.rejects(begin(port), { code: /ERR_SSL_/ })
    assert.equal(taken.length, 0)
  })

  it('takes no certificate in place of the secret, whatever the environment says', async () => {
    const port = await other({ key, cert })
    const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env
    for (const value of ['1', '0']) {
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = value
      await assert.rejects(begin(port), /./)
    }
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
  })

  it('takes no older TLS', async () => {
    const port = await other({ key, cert, maxVersion: 'TLSv1.2', pskCallback: () => proof })
    await assert.rejects(begin(port), { code: /ERR_SSL_/ })
  })

  for (const way of ['out', 'back'] as const) {
    it(`closes both ends when what goes ${way} is changed on the way`, async () => {
      const man = await ManInTheMiddle.before(await peer())
      closing.push(() => man.close())
      const { socket } = await begin(man.port)
      await until(() => taken.length === 1)
      const [their] = taken as [Socket]
      for (const end of [socket, their]) end.on('data', (data) => assert.equal(String(data), 'before'))
      socket.resume()
      const both = Promise.all([once(socket, 'data'), once(their, 'data')])
      socket.write('before')
      their.write('before')
      await both
      man.touch = (chunk, to) => {
        if (to === way) chunk.writeUInt8(chunk.readUInt8(chunk.length - 1) ^ 1, chunk.length - 1)
      }
      const closed = Promise.all([socket, their].map((end) => new Promise((done) => end.once('close', done))))
      const from = way === 'out' ? socket : their
      from.write('after')
      await closed
      assert.deepEqual([socket.destroyed, their.destroyed], [true, true])
    })
  }

  it('gives up when nobody wants the connection any more, or the peer is silent, or closes', async (test) => {
    const mute = createServer((socket) => taken.push(socket.on('error', () => {}).resume()))
    const port = await listening(mute)
    const unwanted = begin(port)
    await until(() => taken.length === 1)
    gone.abort()
    await assert.rejects(unwanted, /not wanted any more/)

    const signal = new AbortController().signal
    const closed = begin(port, { signal })
    await until(() => taken.length === 2)
    taken[1]?.destroy()
    await assert.rejects(closed)

    test.mock.timers.enable({ apis: ['setTimeout'] })
    const silent = begin(port, { signal })
    test.mock.timers.tick(HANDSHAKE_MS)
    await assert.rejects(silent, /did not answer in time/)
  })

  it('fails where nobody listens, or it has no such address', async () => {
    const port = await peer()
    await assert.rejects(begin(port, { localAddress: '192.0.2.1' }), { code: 'EADDRNOTAVAIL' })
    await assert.rejects(begin(port, { host: '127.0.0.2', localAddress: undefined }), {
      code: 'ECONNREFUSED',
    })
  })
})

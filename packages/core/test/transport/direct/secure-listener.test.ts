import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { type ConnectionOptions, TLSSocket, connect as tlsConnect } from 'node:tls'
import { HANDSHAKE_MS, Listener, MOST_PENDING } from '#src/transport/direct/listener.js'
import { encodeIdentity } from '#src/transport/direct/secure-handshake.js'
import { secureHear } from '#src/transport/direct/secure-hear.js'
import { tlsOptions } from '#src/transport/direct/tls-options.js'
import { until } from '../streams/harness.js'
import { ManInTheMiddle } from './man-in-the-middle.js'

const address = '127.0.0.1'
const id = 'A'.repeat(32)
const token = Buffer.alloc(16, 1)
const psk = randomBytes(32)
const identity = encodeIdentity({ id, token })

/** RFC 8446, 4.2.8. */
const KEY_SHARE = 51

/** The types of the extensions of a ServerHello (RFC 8446, 4.1.3), which begins what is sent back. */
function extensionsOf(bytes: Buffer): number[] {
  const types: number[] = []
  const session = 5 + 4 + 2 + 32
  let at = session + 1 + bytes.readUInt8(session) + 2 + 1
  const end = at + 2 + bytes.readUInt16BE(at)
  for (at += 2; at < end; at += 4 + bytes.readUInt16BE(at + 2)) types.push(bytes.readUInt16BE(at))
  return types
}

/** Whatever errors it has had. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

describe('a listener for encrypted direct connections', () => {
  let refused: string[]
  /** No socket of a node keeps the process going. */
  let alive: NodeJS.Timeout
  let accepted: Socket[]
  let sockets: Socket[]
  let listener: Listener
  let port: number

  beforeEach(async () => {
    alive = setInterval(() => {}, 1000)
    refused = []
    accepted = []
    sockets = []
    listener = new Listener({
      hear: secureHear,
      admit: (given) =>
        given.id === id && given.token.equals(token)
          ? { proof: psk, accept: (socket) => accepted.push(socket) }
          : undefined,
      refused: (why) => refused.push(why),
    })
    port = await listener.port(address)
  })

  afterEach(() => {
    clearInterval(alive)
    listener.close()
    for (const socket of [...sockets, ...accepted]) socket.destroy()
  })

  async function open(): Promise<Socket> {
    const socket = connect({ host: address, port })
    sockets.push(socket.on('error', () => {}))
    await once(socket, 'connect')
    return socket
  }

  function shake(options: ConnectionOptions = {}, to = port): TLSSocket {
    const socket = tlsConnect({
      ...tlsOptions,
      host: address,
      port: to,
      pskCallback: () => ({ psk, identity }),
      rejectUnauthorized: false,
      ...options,
    })
    sockets.push(socket.on('error', () => {}))
    return socket
  }

  /** The hello of a true peer, as somebody sees it who reads on the way. */
  async function helloSeen(): Promise<Buffer> {
    const man = await ManInTheMiddle.before(port)
    const socket = shake({}, man.port)
    await until(() => accepted.length === 1)
    const hello = man.seen.out.subarray(0, 5 + man.seen.out.readUInt16BE(3))
    man.close()
    socket.destroy()
    accepted.pop()?.destroy()
    return hello
  }

  it('takes who has the secret, and what is sent then can not be read on the way', async () => {
    const man = await ManInTheMiddle.before(port)
    const socket = shake({}, man.port)
    await once(socket, 'secureConnect')
    await until(() => accepted.length === 1)
    const [taken] = accepted as [TLSSocket]
    assert.ok(taken instanceof TLSSocket)
    const { name, version } = taken.getCipher()
    assert.deepEqual([name, version], ['TLS_AES_128_GCM_SHA256', 'TLSv1.3'])
    // An exchange of keys of its own keeps what is recorded secret when the pre-shared key is known later.
    assert.ok(extensionsOf(man.seen.back).includes(KEY_SHARE))
    socket.write('what nobody else may read')
    taken.write('nor this')
    const [[heard], [answer]] = await Promise.all([once(taken, 'data'), once(socket, 'data')])
    assert.deepEqual([String(heard), String(answer)], ['what nobody else may read', 'nor this'])
    const all = Buffer.concat([man.seen.out, man.seen.back])
    assert.ok(all.includes(identity))
    for (const secret of [psk, 'what nobody else may read', 'nor this']) assert.ok(!all.includes(secret))
    assert.deepEqual(refused, [])
    man.close()
  })

  const wrong: [string, ConnectionOptions][] = [
    [
      'who knows the identity, and not the secret',
      { pskCallback: () => ({ psk: randomBytes(32), identity }) },
    ],
    [
      'who shows the handle under the id of another',
      { pskCallback: () => ({ psk, identity: encodeIdentity({ id: 'B'.repeat(32), token }) }) },
    ],
    ['an identity that is none', { pskCallback: () => ({ psk, identity: 'someone' }) }],
    ['who has no secret', { pskCallback: undefined as never }],
    [
      'an older TLS',
      {
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.2',
        ciphers: 'PSK-AES128-GCM-SHA256:ECDHE-PSK-CHACHA20-POLY1305',
      },
    ],
    ['another cipher', { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }],
  ]
  for (const [what, options] of wrong) {
    it(`cuts off ${what}, and counts it`, async () => {
      const socket = shake(options)
      await closed(socket)
      await until(() => refused.length > 0)
      assert.match(refused.join(), /TLS handshake failed: ERR_SSL_/)
      assert.deepEqual([refused.length, accepted.length], [1, 0])
    })
  }

  for (const [what, bytes] of [
    ['a request of HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a greeting in the clear', Buffer.from('sleuth\u0001', 'latin1')],
    ['what is nothing at all', randomBytes(300)],
    ['zeros', Buffer.alloc(300)],
  ] as const) {
    it(`cuts off ${what}, and counts it`, async () => {
      const socket = await open()
      const gone = closed(socket.resume())
      socket.write(bytes)
      await gone
      await until(() => refused.length > 0)
      assert.deepEqual([refused.length, accepted.length], [1, 0])
    })
  }

  it('counts who closes in the middle of its hello', async () => {
    const hello = await helloSeen()
    const socket = await open()
    socket.write(hello.subarray(0, 100))
    await new Promise((resolve) => setTimeout(resolve, 20))
    socket.destroy()
    await until(() => refused.length > 0)
    assert.deepEqual([refused, accepted.length], [['it closed before it had greeted'], 0])
  })

  it('does not count who closes without a word', async () => {
    for (let count = 0; count < 3; count++) (await open()).destroy()
    shake()
    await until(() => accepted.length === 1)
    assert.deepEqual(refused, [])
    // They are off the count of those that have not greeted.
    for (let count = 1; count < MOST_PENDING; count++) await open()
    shake()
    await until(() => accepted.length === 2)
    assert.deepEqual(refused, [])
  })

  it('gets no further with a hello that was seen on the way, and neither does that use up an offer', async () => {
    const hello = await helloSeen()
    for (let count = 0; count < 3; count++) (await open()).write(hello)
    const [late] = await Promise.all([once(shake(), 'secureConnect'), until(() => accepted.length === 1)])
    assert.deepEqual([late.length, accepted.length], [0, 1])
    for (const socket of sockets) socket.destroy()
    await until(() => refused.length === 3)
    assert.equal(accepted.length, 1)
  })

  it('takes no session of an earlier connection in place of the secret', async () => {
    const first = shake()
    let session: Buffer | undefined
    first.on('session', (given: Buffer) => (session = given))
    await until(() => accepted.length === 1)
    accepted[0]?.write('x')
    await until(() => session !== undefined)
    const again = shake({ session, pskCallback: undefined as never })
    await closed(again)
    assert.equal(accepted.length, 1)
    assert.match(refused.join(), /TLS handshake failed/)
  })

  it('keeps so many connections that have not greeted, and lets the oldest go for another', async () => {
    const all: Socket[] = []
    for (let count = 0; count < MOST_PENDING; count++) all.push(await open())
    await open()
    await closed(all[0] as Socket)
    assert.deepEqual([refused.length, all.filter((socket) => socket.destroyed).length], [1, 1])
    shake()
    await until(() => accepted.length === 1)
  })

  it('cuts off those that have not greeted when it closes, and leaves those that it took', async () => {
    const hello = await helloSeen()
    const taken = shake()
    await until(() => accepted.length === 1)
    const waiting = [await open(), await open()]
    waiting[0]?.write(hello)
    // By then the listener has seen them.
    shake()
    await until(() => accepted.length === 2)
    const gone = waiting.map((socket) => closed(socket.resume()))
    listener.close()
    await Promise.all(gone)
    assert.deepEqual([taken.destroyed, refused], [false, []])
    taken.write('still here')
    const [heard] = await once(accepted[0] as Socket, 'data')
    assert.equal(String(heard), 'still here')
  })

  it('gives a handshake two seconds in all, and not from byte to byte', async () => {
    const hello = await helloSeen()
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const socket = await open()
      const gone = closed(socket.resume())
      for (let at = 0; at < 4; at++) {
        socket.write(hello.subarray(at, at + 1))
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
        mock.timers.tick(HANDSHAKE_MS / 4)
      }
      await gone
      assert.match(refused.join(), /in time/)
    } finally {
      mock.timers.reset()
    }
  })

  it('keeps nothing of a thousand who begin a handshake, and still takes the peer', async () => {
    const hello = await helloSeen()
    const says = [hello, hello.subarray(0, 100), randomBytes(300), Buffer.from('GET / HTTP/1.1\r\n\r\n')]
    for (let count = 0; count < 1000; count++) {
      const socket = (await open()).resume()
      socket.write(says[count % says.length] as Buffer)
    }
    await until(() => sockets.filter((socket) => socket.destroyed).length >= 1000 - MOST_PENDING)
    shake()
    await until(() => accepted.length === 1)
    for (const socket of sockets.splice(0)) socket.destroy()
    await until(() => refused.length === 1000)
    assert.equal(accepted.length, 1)
  })
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { ANSWER_BYTES, decodeAnswer, encodeGreeting } from '#src/transport/direct/handshake.js'
import { hear } from '#src/transport/direct/hear.js'
import { HANDSHAKE_MS, Listener, MOST_PENDING } from '#src/transport/direct/listener.js'
import { until } from '../streams/harness.js'

const address = '127.0.0.1'
const id = 'A'.repeat(32)
const token = Buffer.alloc(16, 1)
const proof = Buffer.alloc(16, 2)
const greeting = encodeGreeting({ id, token })

describe('a listener for direct connections', () => {
  let refused: string[]
  let accepted: Socket[]
  let sockets: Socket[]
  let listener: Listener
  let port: number

  beforeEach(async () => {
    refused = []
    accepted = []
    sockets = []
    listener = new Listener({
      hear,
      admit: (given) =>
        given.id === id && given.token.equals(token)
          ? { proof, accept: (socket) => accepted.push(socket) }
          : undefined,
      refused: (why) => refused.push(why),
    })
    port = await listener.port(address)
  })

  afterEach(() => {
    listener.close()
    for (const socket of [...sockets, ...accepted]) socket.destroy()
  })

  async function open(): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port })
    sockets.push(socket.on('error', () => {}))
    await once(socket, 'connect')
    return socket
  }

  async function say(...parts: Buffer[]): Promise<Socket> {
    const socket = await open()
    for (const part of parts) {
      socket.write(part)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return socket
  }

  it('is on one port, on the address that it was given', async () => {
    assert.equal(await listener.port(address), port)
  })

  it('is where its node is now: on a new address, and no longer on the old one', async () => {
    const other = await listener.port('127.0.0.2')
    assert.equal(await listener.port('127.0.0.2'), other)
    const old = connect({ host: address, port })
    const [error] = await once(old, 'error')
    assert.equal(error.code, 'ECONNREFUSED')
    const socket = connect({ host: '127.0.0.2', port: other })
    sockets.push(socket)
    await once(socket, 'connect')
  })

  it('tries again where it could not listen', async () => {
    const busy = mock.method(Server.prototype, 'listen', function (this: Server) {
      process.nextTick(() => this.emit('error', new Error('no descriptors')))
      return this
    })
    await assert.rejects(listener.port('127.0.0.2'), /no descriptors/)
    busy.mock.restore()
    assert.ok((await listener.port('127.0.0.2')) > 0)
  })

  it('rejects for an address that is not one of this host', async () => {
    // Nobody has it (RFC 5737).
    await assert.rejects(listener.port('192.0.2.1'), { code: 'EADDRNOTAVAIL' })
  })

  it('does not listen when it is closed before it has begun to', async () => {
    const other = listener.port('127.0.0.2')
    listener.close()
    await assert.rejects(other, /leaves/)
  })

  it('takes who greets with the token, in whatever parts, and answers with the proof', async () => {
    const socket = await say(greeting.subarray(0, 3), greeting.subarray(3, 20), greeting.subarray(20))
    const [answer] = await once(socket, 'data')
    assert.equal(answer.length, ANSWER_BYTES)
    assert.deepEqual(decodeAnswer(answer), proof)
    assert.equal(accepted.length, 1)
    assert.deepEqual(refused, [])
  })

  const wrong: [string, Buffer, RegExp][] = [
    ['what is no greeting', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /does not greet/],
    ['a first byte that is wrong', Buffer.of(0), /does not greet/],
    ['a token that is not one', encodeGreeting({ id, token: Buffer.alloc(16) }), /token/],
    ['the token of another', encodeGreeting({ id: 'B'.repeat(32), token }), /token/],
    ['more than a greeting', Buffer.concat([greeting, Buffer.of(0)]), /more than/],
  ]
  for (const [what, bytes, why] of wrong) {
    it(`cuts off ${what}, and counts it`, async () => {
      const socket = await open()
      const closed = once(socket, 'close')
      socket.write(bytes)
      await closed
      assert.match(refused.join(), why)
      assert.deepEqual([refused.length, accepted.length], [1, 0])
    })
  }

  it('counts who closes before it has greeted', async () => {
    const socket = await say(greeting.subarray(0, 5))
    socket.destroy()
    await until(() => refused.length > 0)
    assert.match(refused.join(), /closed/)
  })

  it('does not count who closes without a word', async () => {
    for (let count = 0; count < 3; count++) {
      const socket = await open()
      socket.destroy()
    }
    await say(greeting)
    await until(() => accepted.length === 1)
    assert.deepEqual(refused, [])
    const closed = sockets.slice(0, 3)
    await until(() => closed.every((socket) => socket.destroyed))
    // They are off the count of those that have not greeted.
    for (let count = 1; count < MOST_PENDING; count++) await open()
    await say(greeting)
    await until(() => accepted.length === 2)
    assert.deepEqual(refused, [])
  })

  it('keeps so many connections that have not greeted, and lets the oldest go for another', async () => {
    const all: Socket[] = []
    for (let count = 0; count < MOST_PENDING; count++) all.push(await open())
    await open()
    await once(all[0] as Socket, 'close')
    assert.deepEqual([refused.length, all.filter((socket) => socket.destroyed).length], [1, 1])
    const late = await say(greeting)
    await once(late, 'data')
    assert.equal(accepted.length, 1)
  })

  it('cuts off those that have not greeted when it closes, and leaves those that it took', async () => {
    const taken = await say(greeting)
    const waiting = await open()
    // The connection has to be seen by the listener first.
    await until(() => accepted.length === 1)
    await say(greeting.subarray(0, 1))
    listener.close()
    await once(waiting, 'close')
    await assert.rejects(listener.port(address), /leaves/)
    assert.equal(taken.destroyed, false)
  })

  it('gives a greeting two seconds in all, and not from byte to byte', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const socket = await open()
      const closed = once(socket, 'close')
      for (let at = 0; at < 4; at++) {
        socket.write(greeting.subarray(at, at + 1))
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
        mock.timers.tick(HANDSHAKE_MS / 4)
      }
      await closed
      assert.match(refused.join(), /in time/)
    } finally {
      mock.timers.reset()
    }
  })
})

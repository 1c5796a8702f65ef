import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Peer } from '@sleuth/zre'
import { Connection } from '#src/transport/direct/connection.js'
import { TurnSlice } from '#src/transport/direct/turn-slice.js'
import { ControlKind } from '#src/transport/streams/format.js'
import type { Session } from '#src/transport/streams/session.js'
import { until } from '../streams/harness.js'
import { pairs } from './socket-pairs.js'

/** The last pong again, of a node that has sent none. */
const sign = '0cffffffff00000000'
const packet = Buffer.from('02010203', 'hex')

for (const [how, pair] of pairs)
  describe(`a connection ${how} that is busy with what came by it`, () => {
    let alive: NodeJS.Timeout
    let now = 0
    let busy = true
    let peer: Socket
    let got = ''
    let connection: Connection
    let own: Socket
    let slice: TurnSlice
    let reads = 0
    /** When it was read last. */
    let wasPaused = false

    beforeEach(async () => {
      now = 0
      busy = true
      got = ''
      alive = setInterval(() => {}, 1000)
      ;[peer, own] = await pair()
      slice = new TurnSlice(() => now)
      peer.on('data', (bytes) => {
        got += bytes.toString('hex')
      })
      connection = new Connection(own, {
        peer: {} as Peer,
        maxBacklog: Infinity,
        lostAfter: 1500,
        now: () => now,
        slice,
        received() {},
        sent() {},
        failed: (error) => assert.fail(String(error)),
        closed() {},
      })
      const receive = () => {
        reads++
        wasPaused = own.isPaused()
        return !busy
      }
      const session = { receive, close() {} }
      connection.start(session as unknown as Session, Buffer.alloc(0))
      peer.write('x')
      await until(() => got === sign)
    })
    afterEach(() => {
      clearInterval(alive)
      busy = false
      peer.destroy()
      connection.close()
    })

    it('gives signs of life, and not more than one in a while', async () => {
      for (let turn = 0; turn < 10; turn++) await setImmediate()
      now = 249
      for (let turn = 0; turn < 10; turn++) await setImmediate()
      assert.equal(got, sign)
      now = 250
      await until(() => got === sign + sign)
    })

    it('does not take its peer for silent: what it says is not read yet', async () => {
      connection.send(packet)
      void connection.acknowledged()
      for (let reachedAt = 0; reachedAt < 10; reachedAt++) {
        assert.equal(connection.check(reachedAt), 'fine')
        await setImmediate()
      }
      busy = false
      await setImmediate()
      await setImmediate()
      connection.check(10)
      for (const reachedAt of [11, 12, 13]) assert.equal(connection.check(reachedAt), 'silent')
      assert.equal(connection.check(14), 'lost')
    })

    it('leaves what comes to the next turn when others have had the time of this one', async () => {
      busy = false
      await until(() => !own.isPaused())
      // Those that it has asked for are over.
      for (let turn = 0; turn < 3; turn++) await setImmediate()
      const before = reads
      slice.isSpent = true
      peer.write('x')
      await until(() => reads > before)
      assert.deepEqual([reads, wasPaused, own.isPaused()], [before + 1, true, false])
    })
  })

for (const [how, pair] of pairs)
  describe(`a connection ${how}`, () => {
    let alive: NodeJS.Timeout
    let peer: Socket
    let own: Socket

    beforeEach(async () => {
      alive = setInterval(() => {}, 1000)
      ;[peer, own] = await pair()
    })
    afterEach(() => {
      clearInterval(alive)
      peer.destroy()
      own.destroy()
    })

    function open(first = Buffer.alloc(0), maxBacklog = Infinity) {
      /** What the session is told. */
      const told: string[] = []
      const connection = new Connection(own, {
        peer: {} as Peer,
        maxBacklog,
        lostAfter: 1500,
        now: () => 0,
        slice: new TurnSlice(() => 0),
        received: (bytes) => told.push(`${bytes} bytes`),
        sent() {},
        failed: (error) => assert.fail(String(error)),
        closed: () => told.push('closed'),
      })
      const session = {
        receive: () => true,
        close: ({ type }: { type: string }) => told.push(type),
      }
      connection.start(session as unknown as Session, first)
      return { connection, told }
    }

    it('reads what came with the handshake before what comes now', () => {
      assert.deepEqual(open(Buffer.from('early')).told, ['5 bytes'])
    })

    it('takes no more than so many bytes that wait for the kernel', () => {
      const { connection } = open(undefined, 1000)
      // Corked until the end of the tick, so all of it waits.
      connection.send(Buffer.alloc(1002))
      assert.throws(() => connection.send(Buffer.alloc(10)), /1001 bytes wait/)
    })

    it('asks no more than once for as much as waits, and goes on when that is taken', async () => {
      const { connection, told } = open(undefined, 1_000_000)
      let got = 0
      peer.pause()
      const part = Buffer.alloc(100_000)
      let sent = 0
      await until(() => {
        for (let count = 0; count < 10 && connection.backlog <= 1_000_000; count++) {
          connection.send(packet, part)
          sent += part.length + packet.length - 1
        }
        return connection.backlog > 1_000_000
      })
      assert.throws(() => connection.send(packet, part), /bytes wait/)
      peer.on('data', ({ length }: Buffer) => (got += length)).resume()
      await until(() => got === sent && connection.backlog === 0)
      connection.send(packet)
      connection.flush()
      await until(() => got === sent + packet.length - 1)
      assert.deepEqual(told, [])
    })

    it('brings what was sent before it ended, and then closes at both ends', async () => {
      const { connection, told } = open()
      let got = 0
      let ended = false
      peer.on('data', ({ length }: Buffer) => (got += length)).on('end', () => (ended = true))
      const part = Buffer.alloc(500_000)
      connection.send(packet, part)
      await connection.end({ type: 'closed' })
      await until(() => ended)
      assert.equal(got, part.length + packet.length - 1)
      assert.deepEqual(told, ['closed', 'closed'])
    })

    it('that is closed acknowledges nothing, sends nothing, and ends once', async () => {
      const { connection, told } = open()
      const waiting = connection.acknowledged()
      connection.close()
      assert.deepEqual([await waiting, await connection.acknowledged()], [false, false])
      assert.throws(() => connection.send(packet), /is closed/)
      await connection.end({ type: 'closed' })
      connection.close()
      assert.deepEqual(told, ['gone', 'closed'])
    })

    it('takes an answer for all pings before it, and one to no ping for nothing', async () => {
      const { connection } = open()
      connection.control(ControlKind.pong, 7)
      const answers = Promise.all([connection.acknowledged(), connection.acknowledged()])
      connection.control(ControlKind.pong, 5)
      connection.control(0x7f, 1)
      connection.control(ControlKind.pong, 1)
      assert.deepEqual(await answers, [true, true])
    })
  })

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Peer } from '@sleuth/zre'
import { Connection } from '#src/transport/direct/connection.js'
import { TurnSlice } from '#src/transport/direct/turn-slice.js'
import type { Session } from '#src/transport/streams/session.js'
import { until } from '../streams/harness.js'

/** The last pong again, of a node that has sent none. */
const sign = '0cffffffff00000000'
const packet = Buffer.from('02010203', 'hex')

describe('a connection that is busy with what came by it', () => {
  let now = 0
  let busy = true
  let peer: Socket
  let got = ''
  let connection: Connection
  let own: Socket
  let slice: TurnSlice
  let reads = 0

  beforeEach(async () => {
    now = 0
    busy = true
    got = ''
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    peer = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const [socket] = (await once(server, 'connection')) as [Socket]
    server.close()
    own = socket
    slice = new TurnSlice(() => now)
    peer.on('data', (bytes) => {
      got += bytes.toString('hex')
    })
    connection = new Connection(socket, {
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
      return !busy
    }
    const session = { receive, close() {} }
    connection.start(session as unknown as Session, Buffer.alloc(0))
    peer.write('x')
    await until(() => got === sign)
  })
  afterEach(() => {
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
    for (let heardAt = 0; heardAt < 10; heardAt++) {
      assert.equal(connection.check(heardAt), 'fine')
      await setImmediate()
    }
    busy = false
    await setImmediate()
    await setImmediate()
    connection.check(10)
    for (const heardAt of [11, 12, 13]) assert.equal(connection.check(heardAt), 'silent')
    assert.equal(connection.check(14), 'lost')
  })

  it('leaves what comes to the next turn when others have had the time of this one', async () => {
    busy = false
    await until(() => !own.isPaused())
    const before = reads
    slice.mayGoOn()
    now += 5
    assert.equal(slice.mayGoOn(), false)
    own.emit('data', Buffer.from('x'))
    assert.deepEqual([reads, own.isPaused()], [before, true])
    await setImmediate()
    assert.deepEqual([reads, own.isPaused()], [before + 1, false])
  })
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, Socket } from 'node:net'
import { describe, it } from 'node:test'
import { readInto, sharedMemory } from '#src/transport/direct/read-into.js'
import { until } from '../streams/harness.js'
import { pairs } from './socket-pairs.js'

describe('a socket that reads into memory of ours', () => {
  it('is one that connected and one that was accepted, in this version of Node', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const one = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const [[other]] = (await Promise.all([once(server, 'connection'), once(one, 'connect')])) as [
      [Socket],
      [],
    ]
    server.close()
    const memory = sharedMemory()
    assert.equal(memory, sharedMemory())
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      let got = ''
      const received = (bytes: number): true => {
        got += memory.toString('latin1', 0, bytes)
        return true
      }
      assert.equal(readInto(to, memory, received), true)
      to.resume()
      from.write('hello')
      await until(() => got === 'hello')
      to.pause()
      from.write(', world')
      await new Promise((resolve) => setTimeout(resolve, 20))
      assert.equal(got, 'hello')
      to.resume()
      await until(() => got === 'hello, world')
    }
    const ended = once(other, 'end')
    one.end()
    await ended
    other.destroy()
  })

  it('is none that is encrypted', async () => {
    const [, [, pair]] = pairs
    for (const socket of await pair()) {
      assert.equal(
        readInto(socket, sharedMemory(), () => true),
        false,
      )
      socket.destroy()
    }
  })

  it('is none that has no connection', () => {
    assert.equal(
      readInto(new Socket(), sharedMemory(), () => true),
      false,
    )
  })
})

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Listener } from '#src/transport/direct/listener.js'
import { secureDial } from '#src/transport/direct/secure-dial.js'
import { secureHear } from '#src/transport/direct/secure-hear.js'

/** Both ends of a connection. */
type Pair = readonly [peer: Socket, own: Socket]

async function openPair(): Promise<Pair> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [own] = (await once(server, 'connection')) as [Socket]
  server.close()
  return [peer, own]
}

async function securePair(): Promise<Pair> {
  // Its own sockets do not keep the process going.
  const alive = setInterval(() => {}, 1000)
  const offered = { token: randomBytes(16), proof: randomBytes(32) }
  let accept = (_: Socket) => {}
  const accepted = new Promise<Socket>((resolve) => {
    accept = resolve
  })
  const { proof } = offered
  const listener = new Listener({ hear: secureHear, admit: () => ({ proof, accept }), refused: () => {} })
  const host = '127.0.0.1'
  const offer = { ...offered, port: await listener.port(host) }
  const { signal } = new AbortController()
  const dialled = secureDial({ host, localAddress: undefined, id: 'A'.repeat(32), offer, signal })
  const [{ socket }, own] = await Promise.all([dialled, accepted])
  listener.close()
  clearInterval(alive)
  // A test waits for what comes by it.
  return [socket.ref().resume(), own]
}

/** By how it is set up. */
export const pairs = [
  ['in the clear', openPair],
  ['with keys', securePair],
] as const

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** What an end of a connection says first by ZMTP 3.1 (RFC 37): mechanism NULL, not a server. libzmq's has a length in it. */
export function greeting(length = 0): Buffer {
  const signature = Buffer.alloc(10)
  signature[0] = 0xff
  signature.writeBigUInt64BE(BigInt(length), 1)
  signature[9] = 0x7f
  return Buffer.concat([signature, Buffer.of(3, 1), Buffer.from('NULL'.padEnd(20, '\0')), Buffer.alloc(32)])
}

/** The command READY in a short frame. */
export function ready(properties: Record<string, string | Buffer>): Buffer {
  const parts = [Buffer.from('\x05READY', 'latin1')]
  for (const [name, value] of Object.entries(properties)) {
    const bytes = Buffer.from(value)
    parts.push(Buffer.of(name.length), Buffer.from(name), Buffer.of(0, 0, 0, bytes.length), bytes)
  }
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(4, body.length), body])
}

/** A server that shakes hands with each connection as a ROUTER does, and hands it over. */
export async function shakingHands(onShaken: (socket: Socket) => void = () => {}) {
  const connections = new Set<Socket>()
  const received: Buffer[] = []
  const server = createServer((socket) => {
    connections.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => socket.write(greeting()))
    socket.on('data', (bytes) => {
      received.push(bytes)
      if (bytes.includes('READY')) socket.write(ready({ 'Socket-Type': 'ROUTER' }), () => onShaken(socket))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    received: () => Buffer.concat(received),
    [Symbol.dispose]() {
      server.close()
      for (const connection of connections) connection.destroy()
    },
  }
}

import { once } from 'node:events'
import http, { type IncomingMessage, type RequestListener } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import type { SleuthOptions } from '#src/types.js'
import { settle } from '../harness.js'
import { dataFrame, rawPeer, requestFrame, wired } from '../transport/streams/harness.js'
import { get, peerAt, Sink, serverOf } from './callers.js'

export type Log = (entry: string) => void
/** Answers when it is done. */
export type Handler = (req: IncomingMessage, log: Log, done: () => void) => void

/** How a body comes: each piece in a packet of its own, the last with the end. */
export type Pieces = readonly string[]

/** Runs a handler for one request that comes by some way, and gives what it noted. */
export type Way = (pieces: Pieces, handler: Handler) => Promise<string[]>

class Run {
  readonly entries: string[] = []
  readonly listener: RequestListener
  readonly answered: Promise<void>

  constructor(handler: Handler) {
    let answer = () => {}
    this.answered = new Promise((resolve) => {
      answer = resolve
    })
    this.listener = (req, res) => {
      handler(
        req,
        (entry) => this.entries.push(entry),
        () => res.end('done', answer),
      )
    }
  }

  async end(): Promise<string[]> {
    await this.answered
    await settle()
    return this.entries
  }
}

export async function overHttp(pieces: Pieces, handler: Handler): Promise<string[]> {
  const run = new Run(handler)
  const server = http.createServer(run.listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let read = () => 0
  server.on('connection', (connection) => {
    read = () => connection.bytesRead
  })
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay(true)
  const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${pieces.join('').length}\r\n\r\n`
  for (const [index, piece] of pieces.entries()) {
    socket.write(index === 0 ? head + piece : piece)
    if (index === pieces.length - 1) break
    // The next piece must not be read together with this one.
    while (read() < socket.bytesWritten || socket.bytesWritten === 0) await settle(1)
    await settle(2)
  }
  const entries = await run.end()
  socket.destroy()
  server.close()
  return entries
}

export async function throughServer(pieces: Pieces, handler: Handler): Promise<string[]> {
  const run = new Run(handler)
  const { server, errors } = serverOf(run.listener)
  const [first = '', ...rest] = pieces
  const more = rest.length > 0
  // Each packet is read in a turn of its own.
  const exchange = await inTurn(() => {
    const sink = new Sink()
    const body = more ? null : Buffer.from(first)
    server.accept(peerAt(1), { ...get, method: 'POST', more, body }, sink)
    if (more) sink.exchange?.push(Buffer.from(first))
    return sink.exchange
  })
  for (const [index, piece] of rest.entries()) {
    await settle(2)
    await inTurn(() => {
      exchange?.push(Buffer.from(piece))
      if (index === rest.length - 1) exchange?.endBody()
    })
  }
  const entries = await run.end()
  if (errors.length > 0) throw errors[0]
  return entries
}

function inTurn<T>(action: () => T): Promise<T> {
  return new Promise((resolve) => setImmediate(() => resolve(action())))
}

/** By a peer that writes its own frames; on the first wire a request is always whole. */
export function onWire(wire: 1 | 2): Way {
  return async (pieces, handler) => {
    const run = new Run(handler)
    const options: SleuthOptions = { wire }
    const { network, service, sleuth } = await wired(run.listener, { server: options })
    if (wire === 1) {
      void sleuth.request('sleuth://foo/', { method: 'POST', body: pieces.join('') })
      return run.end()
    }
    const peer = rawPeer(network, service.node)
    const [first = '', ...rest] = pieces
    const headers = ['content-length', String(pieces.join('').length)]
    peer.say(requestFrame(1, { method: 'POST', headers, body: first, end: rest.length === 0 }))
    for (const [index, piece] of rest.entries()) {
      await settle(2)
      peer.say(dataFrame('callerData', 1, piece, index === rest.length - 1))
    }
    return run.end()
  }
}

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Network } from '@sleuth/zre/diagnostics'
import { decodePairMessage, PAIR_MESSAGE_BYTES, type PairMessage, type Way } from './message.js'

export interface ConnectionsOptions {
  readonly word: string
  encode(way: Way): Buffer
  onMessage(message: PairMessage, way: Way, address: string): void
}

/** Connections that come in at a time: the other makes one, and anyone can. */
const MAX_ACCEPTED = 8
const CONNECT_MS = 2000

/** A TCP connection that we make, and those that come in. Both ends write messages into each. */
export class Connections {
  readonly #options: ConnectionsOptions
  readonly #server: Server
  readonly #accepted = new Set<Socket>()
  #dialled: Socket | undefined
  #isDialling = false
  /** Why the last attempt failed. */
  dialError: string | undefined
  port = 0

  constructor(options: ConnectionsOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#accept(socket))
    this.#server.maxConnections = MAX_ACCEPTED
  }

  /** At the port, or if it is taken at any. */
  async listen({ address }: Network, port: number): Promise<void> {
    try {
      await this.#bind(address, port)
    } catch {
      await this.#bind(address, 0)
    }
    this.port = (this.#server.address() as AddressInfo).port
  }

  async #bind(host: string, port: number): Promise<void> {
    this.#server.listen({ host, port, exclusive: true })
    await once(this.#server, 'listening')
  }

  /** To be called again and again: it does nothing while a connection stands or is being made. */
  dial({ address, port }: { readonly address: string; readonly port: number }): void {
    if (this.#isDialling || port === 0) return
    this.#isDialling = true
    const socket = connect({ host: address, port })
    const timer = setTimeout(
      () => socket.destroy(new Error(`no answer in ${CONNECT_MS / 1000} s`)),
      CONNECT_MS,
    )
    socket.on('connect', () => {
      clearTimeout(timer)
      this.#dialled = socket
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.dialError = error.code ?? error.message
    })
    socket.on('close', () => {
      clearTimeout(timer)
      this.#dialled = undefined
      this.#isDialling = false
    })
    this.#read(socket, 'dialled')
  }

  /** What is said over a connection that we made reaches the other as accepted. */
  send(): void {
    this.#dialled?.write(this.#options.encode('accepted'))
    for (const socket of this.#accepted) socket.write(this.#options.encode('dialled'))
  }

  #accept(socket: Socket): void {
    this.#accepted.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#accepted.delete(socket))
    this.#read(socket, 'accepted')
  }

  #read(socket: Socket, way: Way): void {
    let rest = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes])
      for (; rest.length >= PAIR_MESSAGE_BYTES; rest = rest.subarray(PAIR_MESSAGE_BYTES)) {
        const message = decodePairMessage(this.#options.word, rest.subarray(0, PAIR_MESSAGE_BYTES))
        if (message === undefined) return void socket.destroy()
        this.#options.onMessage(message, way, socket.remoteAddress ?? '')
      }
    })
  }

  close(): void {
    this.#server.close()
    this.#dialled?.destroy()
    for (const socket of this.#accepted) socket.destroy()
  }
}

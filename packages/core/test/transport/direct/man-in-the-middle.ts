import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

type Way = 'out' | 'back'

/** Passes on what comes by a connection, sees all of it, and may change it. */
export class ManInTheMiddle {
  readonly seen = { out: Buffer.alloc(0), back: Buffer.alloc(0) }
  /** Changes a chunk. */
  touch: ((chunk: Buffer, way: Way) => void) | undefined
  readonly #server = createServer((from) => this.#join(from))
  readonly #sockets: Socket[] = []
  readonly #port: number

  private constructor(port: number) {
    this.#port = port
  }

  static async before(port: number): Promise<ManInTheMiddle> {
    const man = new ManInTheMiddle(port)
    man.#server.listen(0, '127.0.0.1')
    await once(man.#server, 'listening')
    return man
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #join(from: Socket): void {
    const to = connect(this.#port, '127.0.0.1')
    this.#pass(from, to, 'out')
    this.#pass(to, from, 'back')
  }

  #pass(from: Socket, to: Socket, way: Way): void {
    this.#sockets.push(from)
    from.on('error', () => {})
    from.on('close', () => to.destroy())
    from.on('data', (chunk: Buffer) => {
      this.seen[way] = Buffer.concat([this.seen[way], chunk])
      this.touch?.(chunk, way)
      to.write(chunk)
    })
  }
}

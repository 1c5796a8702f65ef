import type { Socket } from 'node:net'
import type { Greeting, Offer } from './handshake.js'
import type { Ends } from './secure-handshake.js'

/** How two nodes set up a direct connection: in the clear, or with keys. */
export interface Way {
  /** Only a peer whose key is proved gets a connection. */
  readonly needsKey: boolean
  /** What a connect says. `half`: what whoever asks needs when the offer comes. */
  ask(): Asked
  /** Whether a payload is a connect that is answered here. */
  isConnect(payload: Buffer): boolean
  /** The offer that answers a connect. */
  offer(connect: Buffer, port: number, ends: Ends): Offered
  /** Reads the payload of an offer. Undefined for what is none, or not one that is taken here. */
  read(payload: Buffer, half: Buffer, ends: Ends): Offer | undefined
  /** Connects to a peer by its offer. Rejects if that fails, or if somebody else answers. */
  dial(options: DialOptions): Promise<Dialled>
  hear: Hear
}

interface Asked {
  readonly payload: Buffer
  readonly half: Buffer
}

interface Offered {
  readonly payload: Buffer
  readonly offer: Offer
}

export interface DialOptions {
  readonly host: string
  /** Our own address, where the peer expects us to come from. Undefined: whatever the kernel picks. */
  readonly localAddress: string | undefined
  /** Our id. */
  readonly id: string
  readonly offer: Offer
  /** Aborted: nobody wants the connection any more. */
  readonly signal: AbortSignal
}

export interface Dialled {
  readonly socket: Socket
  /** What came behind the handshake. */
  readonly first: Buffer
}

/** Hears who has connected. Returns what ends that. */
export type Hear = (socket: Socket, hearing: Hearing) => () => void

interface Hearing {
  /** Undefined for a greeting that nobody expects. */
  admit(greeting: Greeting): Admission | undefined
  /** It is the peer, and `socket` is what to talk to it by. */
  accept(admission: Admission, socket: Socket): void
  refuse(why: string): void
}

export interface Admission {
  /** What to show to the peer, or the secret that both have. */
  readonly proof: Buffer
  /** Takes the connection, once it has shown whose it is. */
  accept(socket: Socket): void
}

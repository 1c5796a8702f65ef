import { timingSafeEqual } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { ANSWER_BYTES, begins, decodeAnswer, encodeGreeting, type Offer } from './handshake.js'
import { HANDSHAKE_MS } from './listener.js'

export interface Dialled {
  readonly socket: Socket
  /** What came behind the answer. */
  readonly first: Buffer
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

/** Connects to a peer by its offer. Rejects if that fails, or if somebody else answers. */
export function dial({ host, localAddress, id, offer, signal }: DialOptions): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: offer.port, noDelay: true, ...(localAddress && { localAddress }) })
    socket.unref()
    // Whatever becomes of it: 'close' follows.
    socket.on('error', ignore)
    let bytes = Buffer.alloc(0)
    const leave = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.off('data', onData)
      socket.off('close', onClose)
      socket.off('error', fail)
    }
    const fail = (error: Error) => {
      leave()
      socket.destroy()
      reject(error)
    }
    const onAbort = () => fail(new Error('the connection is not wanted any more'))
    const onClose = () => fail(new Error('the peer closed the connection before it answered'))
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      if (!begins(bytes)) {
        fail(new Error('what answers is not sleuth'))
        return
      }
      if (bytes.length < ANSWER_BYTES) return
      const proof = decodeAnswer(bytes.subarray(0, ANSWER_BYTES))
      if (proof === undefined || !timingSafeEqual(proof, offer.proof)) {
        fail(new Error('what answers is not the peer that made the offer'))
        return
      }
      leave()
      socket.pause()
      resolve({ socket, first: bytes.subarray(ANSWER_BYTES) })
    }
    const timer = setTimeout(() => fail(new Error('the peer did not answer in time')), HANDSHAKE_MS).unref()
    signal.addEventListener('abort', onAbort)
    socket.on('data', onData)
    socket.on('close', onClose)
    socket.on('error', fail)
    socket.write(encodeGreeting({ id, token: offer.token }))
  })
}

function ignore(): void {}

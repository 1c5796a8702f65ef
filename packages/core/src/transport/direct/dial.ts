import { timingSafeEqual } from 'node:crypto'
import { connect } from 'node:net'
import { dialling } from './dialling.js'
import { ANSWER_BYTES, begins, decodeAnswer, encodeGreeting } from './handshake.js'
import type { Dialled, DialOptions } from './way.js'

/** Connects to a peer by its offer, in the clear. Rejects if that fails, or if somebody else answers. */
export function dial({ host, localAddress, id, offer, signal }: DialOptions): Promise<Dialled> {
  const socket = connect({ host, port: offer.port, noDelay: true, ...(localAddress && { localAddress }) })
  return dialling(socket, signal, (stand, fail) => {
    let bytes = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      if (!begins(bytes)) {
        fail(new Error('what answers is not sleuth'))
        return
      }
      if (bytes.length < ANSWER_BYTES) return
      const proof = decodeAnswer(bytes.subarray(0, ANSWER_BYTES))
      if (proof !== undefined && timingSafeEqual(proof, offer.proof)) stand(bytes.subarray(ANSWER_BYTES))
      else fail(new Error('what answers is not the peer that made the offer'))
    }
    socket.on('data', onData)
    socket.write(encodeGreeting({ id, token: offer.token }))
    return () => socket.off('data', onData)
  })
}

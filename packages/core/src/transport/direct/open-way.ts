import { randomBytes } from 'node:crypto'
import { dial } from './dial.js'
import { decodeOffer, encodeConnect, encodeOffer, isConnect, SECRET_BYTES } from './handshake.js'
import { hear } from './hear.js'
import type { Way } from './way.js'

/** Direct connections in the clear, between nodes without keys. */
export const openWay: Way = {
  needsKey: false,
  ask: () => ({ payload: encodeConnect(), half: Buffer.alloc(0) }),
  isConnect,
  offer: (_connect, port) => {
    const offer = { port, token: randomBytes(SECRET_BYTES), proof: randomBytes(SECRET_BYTES) }
    return { payload: encodeOffer(offer), offer }
  },
  read: decodeOffer,
  dial,
  hear,
}

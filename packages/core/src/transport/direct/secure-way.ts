import { randomBytes } from 'node:crypto'
import { secureDial } from './secure-dial.js'
import {
  agreed,
  decodeSecureConnect,
  decodeSecureOffer,
  encodeSecureConnect,
  encodeSecureOffer,
  HALF_BYTES,
  HANDLE_BYTES,
} from './secure-handshake.js'
import { secureHear } from './secure-hear.js'
import type { Way } from './way.js'

/** Encrypted direct connections, between nodes with keys. */
export const secureWay: Way = {
  needsKey: true,
  ask: () => {
    const half = randomBytes(HALF_BYTES)
    return { payload: encodeSecureConnect(half), half }
  },
  isConnect: (payload) => decodeSecureConnect(payload) !== undefined,
  offer: (connect, port, ends) => {
    const asked = decodeSecureConnect(connect) as Buffer
    const made = { port, handle: randomBytes(HANDLE_BYTES), half: randomBytes(HALF_BYTES) }
    return { payload: encodeSecureOffer(made), offer: agreed(made, asked, ends) }
  },
  read: (payload, half, ends) => {
    const made = decodeSecureOffer(payload)
    return made && agreed(made, half, ends)
  },
  dial: secureDial,
  hear: secureHear,
}

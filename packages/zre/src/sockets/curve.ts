import type { PublicKey } from '../wire/key.js'

/** What a socket that connects needs to encrypt: our keys, and the key that its peer must hold. */
export interface Curve {
  readonly curvePublicKey: string
  readonly curveSecretKey: string
  readonly curveServerKey: string
}

/** Our own. */
export interface Keys {
  readonly publicKey: string
  readonly secretKey: string
}

/** Undefined without encryption. Throws when a key is missing: nothing may ever leave in the clear because of that. */
export function curveFor(keys: Keys | undefined, key: PublicKey | undefined): Curve | undefined {
  if (keys === undefined) return undefined
  if (key === undefined) throw new Error('a peer without a key')
  return { curvePublicKey: keys.publicKey, curveSecretKey: keys.secretKey, curveServerKey: key }
}

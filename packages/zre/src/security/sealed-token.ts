import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  randomBytes,
} from 'node:crypto'
import type { NodeId } from '../wire/identity.js'
import { keyToBytes, type PublicKey } from '../wire/key.js'
import { TOKEN_BYTES } from './peer-tokens.js'

/**
 * ZeroMQ does not tell whose key a connection to the inbox has, only that it is let in. So a token that goes over such a
 * connection is encrypted once more, for the key that the peer says it holds.
 */
export const SEALED_HEADER = 'X-SLEUTH-SEALED'

const CIPHER = 'aes-256-gcm'
const CIPHER_KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const SEALED_BYTES = NONCE_BYTES + TOKEN_BYTES + TAG_BYTES
const PURPOSE = 'sleuth return path'

/** Who seals and who opens, and the keys: ours, and that of the other. */
export interface SealParties {
  readonly from: NodeId
  readonly to: NodeId
  readonly publicKey: PublicKey
  readonly secretKey: string
  readonly theirKey: PublicKey
}

/** Undefined for a key with which nothing can be encrypted: there are a few such. */
export function sealToken(token: Buffer, parties: SealParties): string | undefined {
  const key = sharedKey(parties)
  if (key === undefined) return undefined
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(partiesOf(parties))
  const sealed = [nonce, cipher.update(token), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(sealed).toString('hex')
}

/** Undefined if it is not for us, or not by whom it is said to be. */
export function openToken(text: string, parties: SealParties): Buffer | undefined {
  const sealed = Buffer.from(text, 'hex')
  const key = sealed.length === SEALED_BYTES ? sharedKey(parties) : undefined
  if (key === undefined) return undefined
  const end = NONCE_BYTES + TOKEN_BYTES
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES))
      .setAAD(partiesOf(parties))
      .setAuthTag(sealed.subarray(end))
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()])
  } catch {
    return undefined
  }
}

function partiesOf({ from, to }: SealParties): Buffer {
  return Buffer.from(`${from} ${to}`)
}

/** What both can calculate, and nobody else: keys of CURVE are those of X25519 (RFC 7748). */
function sharedKey({ publicKey, secretKey, theirKey }: SealParties): Buffer | undefined {
  const x = toBase64Url(publicKey)
  const curve = { kty: 'OKP', crv: 'X25519' } as const
  try {
    const shared = diffieHellman({
      privateKey: createPrivateKey({ format: 'jwk', key: { ...curve, x, d: toBase64Url(secretKey) } }),
      publicKey: createPublicKey({ format: 'jwk', key: { ...curve, x: toBase64Url(theirKey) } }),
    })
    return Buffer.from(hkdfSync('sha256', shared, '', PURPOSE, CIPHER_KEY_BYTES))
  } catch {
    return undefined
  }
}

function toBase64Url(key: string): string {
  return keyToBytes(key).toString('base64url')
}

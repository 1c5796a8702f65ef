import { createPrivateKey, createPublicKey } from 'node:crypto'
import { ZreError } from '../error.js'
import { zeromq } from '../sockets/zeromq.js'
import type { KeyPair } from '../types.js'
import { KEY_CHARACTERS } from '../wire/key.js'
import { decodeZ85, encodeZ85, isZ85 } from '../wire/z85.js'

export { readKeys } from './key-file.js'

/** PKCS #8 of an X25519 key (RFC 8410) up to the key itself: CURVE's keys are of the same curve. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex')
/** What precedes the key in its SubjectPublicKeyInfo. */
const SPKI_HEAD_BYTES = 12

/** A new pair of keys. Neither begins with a zero byte: C's zyre would take it for none. */
export function generateKeys(): KeyPair {
  for (;;) {
    const { publicKey, secretKey } = zeromq().curveKeyPair()
    if (decodeZ85(publicKey)?.[0] !== 0 && decodeZ85(secretKey)?.[0] !== 0) return { publicKey, secretKey }
  }
}

/** Both, if each is a key and they belong together. A `ZreError` says which is wrong and how, and never what a key is. */
export function checkKeys(publicKey: unknown, secretKey: unknown): KeyPair {
  const pair = { publicKey: checkKey('publicKey', publicKey), secretKey: checkKey('secretKey', secretKey) }
  if (publicOf(pair.secretKey) === pair.publicKey) return pair
  const why =
    publicOf(pair.publicKey) === pair.secretKey
      ? 'the two are the wrong way round'
      : 'does not belong to security.secretKey'
  throw wrong('publicKey', `${why}: take both from one generateKeys()`)
}

function checkKey(name: keyof KeyPair, key: unknown): string {
  const what = `must be ${KEY_CHARACTERS} characters of Z85`
  if (typeof key !== 'string')
    throw wrong(name, `${what}, and is ${key === undefined ? 'missing' : typeof key}`)
  const length = [...key].length
  if (length !== KEY_CHARACTERS) throw wrong(name, `${what}, and has ${length}${spaces(key)}`)
  if (!isZ85(key)) throw wrong(name, `${what}, and holds a character that Z85 does not have${spaces(key)}`)
  const bytes = decodeZ85(key)
  if (bytes === undefined) throw wrong(name, `${what}, and holds five that stand for no four bytes`)
  if (bytes[0] === 0) {
    throw wrong(name, "begins with a zero byte, and C's zyre takes that for no key: take another pair")
  }
  return key
}

function spaces(key: string): string {
  return key === key.trim() ? '' : ' (there are spaces or line breaks around it)'
}

/** The public key that belongs to a secret one. */
function publicOf(secretKey: string): string {
  const der = Buffer.concat([PKCS8_HEAD, decodeZ85(secretKey) as Buffer])
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return encodeZ85(createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD_BYTES))
}

function wrong(name: keyof KeyPair, problem: string): ZreError {
  return new ZreError('ZRE_KEY', `security.${name} ${problem}`)
}

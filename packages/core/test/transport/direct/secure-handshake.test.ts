import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  agreed,
  decodeIdentity,
  decodeSecureConnect,
  decodeSecureOffer,
  encodeIdentity,
  encodeSecureConnect,
  encodeSecureOffer,
} from '#src/transport/direct/secure-handshake.js'
import { direct } from '../../vectors.js'

const unhex = (hex = '') => Buffer.from(hex.replaceAll(' ', ''), 'hex')

/** Behind the head of the packet and that of the frame. */
const payloadOf = (packet: string) => unhex(packet).subarray(1 + 9)

describe('the vectors of direct connections with keys', () => {
  for (const { case: name, packet, malformed, readOnly, half } of direct.secureConnect) {
    it(`connect, ${name}`, () => {
      assert.deepEqual(decodeSecureConnect(payloadOf(packet)), malformed ? undefined : unhex(half))
      if (!malformed && !readOnly) assert.deepEqual(encodeSecureConnect(unhex(half)), payloadOf(packet))
    })
  }

  for (const { case: name, payload, malformed, readOnly, ...fields } of direct.secureOffer) {
    it(`offer, ${name}`, () => {
      const { port = 0, handle, half } = fields
      const offer = { port, handle: unhex(handle), half: unhex(half) }
      assert.deepEqual(decodeSecureOffer(unhex(payload)), malformed ? undefined : offer)
      if (!malformed && !readOnly) assert.deepEqual(encodeSecureOffer(offer), unhex(payload))
    })
  }

  for (const { case: name, asked, secret, identity = '', ...fields } of direct.secureOffer) {
    if (secret === undefined) continue
    const { port = 0, handle, half, connects = '', listens = '' } = fields
    const offer = { port, handle: unhex(handle), half: unhex(half) }
    const ends = { connects, listens }

    it(`the secret, ${name}`, () => {
      assert.deepEqual(agreed(offer, unhex(asked), ends), {
        port,
        token: unhex(handle),
        proof: unhex(secret),
      })
      const greeting = { id: connects, token: unhex(handle) }
      assert.equal(encodeIdentity(greeting), identity)
      assert.deepEqual(decodeIdentity(identity), greeting)
    })

    it('the secret is another one if anything that it is made of is', () => {
      const zeros = (bytes: Buffer) => Buffer.alloc(bytes.length)
      const secrets = [
        agreed(offer, unhex(asked), ends),
        agreed(offer, zeros(unhex(asked)), ends),
        agreed({ ...offer, half: zeros(offer.half) }, unhex(asked), ends),
        agreed({ ...offer, handle: zeros(offer.handle) }, unhex(asked), ends),
        agreed(offer, unhex(asked), { ...ends, connects: 'F'.repeat(32) }),
        agreed(offer, unhex(asked), { connects: listens, listens: connects }),
      ]
      assert.equal(new Set(secrets.map(({ proof }) => proof.toString('hex'))).size, secrets.length)
    })
  }

  for (const text of ['', 'A'.repeat(63), 'A'.repeat(65), 'A'.repeat(66), 'G'.repeat(64), 'Ä'.repeat(64)])
    it(`no identity is ${text.slice(0, 1)} ${text.length} times`, () =>
      assert.equal(decodeIdentity(text), undefined))
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PeerTokens, PROOF_HEADER, TOKEN_HEADER } from '#src/security/peer-tokens.js'
import { KEY_HEADER } from '#src/security/security-policy.js'
import { decodeBeacon, decodeKeyBeacon, encodeKeyBeacon } from '#src/wire/beacon.js'
import { isPublicKey } from '#src/wire/key.js'
import { decodeMessage, encodeMessage, type Incoming, type Outgoing } from '#src/wire/message.js'
import { curve, framesOf, fromHex } from '../support/vectors.js'

const { token, proof } = curve

/** As the decoder gives it: content in bytes, headers in a Map. */
function messageOf({ headers, content, ...rest }: (typeof curve.hellos)[number]['message']): Incoming {
  return {
    ...rest,
    ...(headers !== undefined && { headers: new Map(Object.entries(headers)) }),
    ...(content !== undefined && { content: content.map(fromHex) }),
  } as Incoming
}

describe('the vectors of a closed network: beacons', () => {
  for (const { case: title, bytes, beacon, fault } of curve.beacons) {
    it(title, () => {
      const read = decodeKeyBeacon(fromHex(bytes))
      assert.deepEqual(read, beacon ?? fault)
      if (beacon === undefined) return
      assert.deepEqual(encodeKeyBeacon(beacon), fromHex(bytes))
      assert.equal(decodeBeacon(fromHex(bytes)), 'encrypted')
    })
  }
})

describe('the vectors of a closed network: messages', () => {
  for (const vector of curve.hellos) {
    it(vector.case, () => {
      const message = messageOf(vector.message)
      assert.deepEqual(decodeMessage(framesOf(vector)), message)
      assert.deepEqual(encodeMessage(message as Outgoing, message.sequence), framesOf(vector))
      assert.ok(isPublicKey(vector.message.headers?.[KEY_HEADER] ?? ''))
    })
  }

  /** One who was given the token that the vectors show as proof. */
  function bonded(): PeerTokens {
    const tokens = new PeerTokens(1, () => true)
    tokens.learn('PEER', 'key', new Map([[TOKEN_HEADER, proof]]))
    return tokens
  }

  it('HELLO has a token and shows the one that was given, under the names that are sent', () => {
    const greeting = bonded().greet('PEER', 'key')
    const headers = Object.entries(curve.hellos.at(-1)?.message.headers ?? {})
    assert.deepEqual(headers.slice(-2), [
      [TOKEN_HEADER, token],
      [PROOF_HEADER, proof],
    ])
    assert.deepEqual(greeting, [
      [TOKEN_HEADER, greeting[0]?.[1]],
      [PROOF_HEADER, proof],
    ])
    assert.equal(greeting[0]?.[1].length, token.length)
  })

  for (const vector of curve.messages) {
    it(vector.case, () => {
      const message = messageOf(vector.message)
      const frames = encodeMessage(message as Outgoing, message.sequence)
      frames.push(bonded().proofFor('PEER') as Buffer)
      assert.deepEqual(frames, framesOf(vector))
      frames.pop()
      assert.deepEqual(decodeMessage(frames), message)
    })
  }
})

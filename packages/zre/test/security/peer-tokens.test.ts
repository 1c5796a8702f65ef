import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PeerTokens, PROOF_HEADER, TOKEN_HEADER, withoutTokens } from '#src/security/peer-tokens.js'

const [A, B, C] = ['AA'.repeat(16), 'BB'.repeat(16), 'CC'.repeat(16)] as const

function tokens(most = 10, isKnown: (id: string) => boolean = () => true): PeerTokens {
  return new PeerTokens(most, isKnown)
}

describe('a bond', () => {
  it('is there when each has shown what the other gave, and then every message must show it', () => {
    const [alice, bob] = [tokens(), tokens()]
    const first = new Map(alice.greet(B, 'key of b'))
    assert.deepEqual([...first.keys()], [TOKEN_HEADER])
    assert.equal(bob.authenticate(A, 'key of a', first), 'unproven')
    bob.learn(A, 'key of a', first)
    const answer = new Map(bob.greet(A, 'key of a'))
    assert.equal(alice.authenticate(B, 'key of b', answer), 'proven')
    assert.equal(alice.learn(B, 'key of b', answer), true, 'is owed a HELLO that shows its token')
    const second = new Map(alice.greet(B, 'key of b'))
    assert.equal(bob.authenticate(A, 'key of a', second), 'proven')
    assert.equal(bob.learn(A, 'key of a', second), false, 'has seen its own')
    assert.ok(alice.holds(B) && bob.holds(A))
    assert.equal(bob.isProof(A, alice.proofFor(B)), true)
    assert.equal(alice.isProof(B, bob.proofFor(A)), true)
  })

  it('of places is made anew when both have moved, though neither could show what the other gave it there', () => {
    const known = () => true
    const [alice, bob] = [new PeerTokens(10, known, true), new PeerTokens(10, known, true)]
    const places = ['at a', 'at b'] as [string, string]
    /** Each says HELLO, and says it again as long as it owes one. */
    const meet = (): boolean[] => {
      const toBob = () => bob.learn(A, places[0], new Map(alice.greet(B, places[1])))
      const toAlice = () => alice.learn(B, places[1], new Map(bob.greet(A, places[0])))
      for (let round = 0; round < 3; round++) if (![toBob(), toAlice()].includes(true)) break
      return [bob.isProof(A, alice.proofFor(B)), alice.isProof(B, bob.proofFor(A))]
    }
    assert.deepEqual(meet(), [true, true])
    places[0] = 'at c'
    places[1] = 'at d'
    assert.deepEqual(meet(), [true, true])
  })

  it('holds for one identity and one key', () => {
    const [alice, bob] = [tokens(), tokens()]
    bob.learn(A, 'key of a', new Map(alice.greet(B, 'key of b')))
    const answer = new Map(bob.greet(A, 'key of a'))
    assert.equal(alice.authenticate(B, 'key of b', answer), 'proven')
    assert.equal(alice.authenticate(C, 'key of b', answer), 'unproven')
    assert.equal(alice.authenticate(B, 'key of c', answer), 'unproven')
    assert.equal(tokens().authenticate(B, 'key of b', answer), 'unproven')
  })

  it('is not there without a token, or with one that is none', () => {
    const alice = tokens()
    for (const text of [undefined, '', 'xyz', 'A'.repeat(32), '0'.repeat(31), '0'.repeat(33)]) {
      const headers = new Map(text === undefined ? [] : [[TOKEN_HEADER, text]])
      assert.equal(alice.authenticate(B, 'key', headers), 'bare')
      assert.equal(alice.learn(B, 'key', headers), false)
    }
    assert.equal(alice.holds(B), false)
    assert.equal(alice.isProof(B, Buffer.alloc(16)), false)
    assert.equal(alice.proofFor(B), undefined)
    const headers = new Map([[TOKEN_HEADER, '0'.repeat(32)]])
    assert.equal(alice.authenticate(B, 'key', headers), 'unproven')
    headers.set(PROOF_HEADER, '0'.repeat(32))
    assert.equal(alice.authenticate(B, 'key', headers), 'unproven')
    assert.equal(withoutTokens(headers).size, 0)
  })

  it('is not changed by who claims the key, and can not prove to hold it', () => {
    const [alice, bob] = [tokens(), tokens()]
    bob.learn(A, 'key of a', new Map(alice.greet(B, 'key of b')))
    alice.learn(B, 'key of b', new Map(bob.greet(A, 'key of a')))
    alice.greet(B, 'key of b')
    const forged = new Map([[TOKEN_HEADER, '0'.repeat(32)]])
    assert.equal(alice.learn(B, 'key of b', forged), false, 'is owed nothing')
    assert.equal(bob.isProof(A, alice.proofFor(B)), true)
  })

  it('is broken by a message without proof, or with a wrong one', () => {
    const alice = tokens()
    alice.learn(B, 'key', new Map([[TOKEN_HEADER, '1'.repeat(32)]]))
    for (const proof of [undefined, Buffer.alloc(16), Buffer.alloc(5), Buffer.alloc(0)])
      assert.equal(alice.isProof(B, proof), false)
  })

  it('with a peer that is not known any more goes when there are many', () => {
    const known = new Set<string>()
    const alice = tokens(2, (id) => known.has(id))
    for (const id of [A, B]) alice.learn(id, 'key', new Map([[TOKEN_HEADER, '1'.repeat(32)]]))
    known.add(B)
    alice.greet(C, 'key')
    assert.deepEqual([alice.holds(A), alice.holds(B)], [false, true])
  })

  it('of an endpoint stays when the peer moves, which then has to show where it is', () => {
    const [alice, bob] = [new PeerTokens(10, () => true, true), new PeerTokens(10, () => true, true)]
    bob.learn(A, 'at a', new Map(alice.greet(B, 'at b')))
    alice.learn(B, 'at b', new Map(bob.greet(A, 'at a')))
    const moved = new Map(alice.greet(B, 'at c'))
    assert.equal(bob.authenticate(A, 'at a', moved), 'proven')
    assert.equal(bob.isProof(A, alice.proofFor(B)), true, 'it has moved, and not we')
    assert.equal(alice.isProof(B, bob.proofFor(A)), false)
    assert.equal(bob.learn(A, 'at a', moved), true, 'is owed a HELLO that shows the new token')
    const shown = new Map(bob.greet(A, 'at a'))
    assert.deepEqual(
      ['at b', 'at c'].map((endpoint) => alice.authenticate(B, endpoint, shown)),
      ['unproven', 'proven'],
    )
    assert.equal(alice.isProof(B, bob.proofFor(A)), true)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  decodeIdentity,
  encodeIdentity,
  encodeQuestion,
  identifyRoutingId,
  isQuestion,
} from '#src/wire/identify.js'
import { idOfRoutingId, routingIdOf } from '#src/wire/identity.js'
import { decodeMessage } from '#src/wire/message.js'

const id = 'A1B2C3D4E5F60718293A4B5C6D7E8F90'

describe('the question who is there', () => {
  it('is known by its routing id and its content', () => {
    assert.ok(isQuestion(identifyRoutingId(), encodeQuestion()))
    assert.ok(!isQuestion(routingIdOf(id), encodeQuestion()))
    assert.ok(!isQuestion(identifyRoutingId(), encodeQuestion().slice(0, 1)))
    assert.ok(!isQuestion(identifyRoutingId(), [Buffer.from('x'), Buffer.from('y')]))
    assert.ok(!isQuestion(Buffer.alloc(0), []))
  })

  it('comes under a routing id that names no node, and is new each time', () => {
    assert.equal(idOfRoutingId(identifyRoutingId()), undefined)
    assert.notDeepEqual(identifyRoutingId(), identifyRoutingId())
  })

  it('is a WHISPER to those who do not know it, which they ignore from a node that has not said HELLO', () => {
    const message = decodeMessage(encodeQuestion())
    assert.deepEqual(message, { type: 'whisper', sequence: 1, content: [Buffer.from('SLEUTH-IDENTIFY/1')] })
  })
})

describe('the answer who is there', () => {
  it('comes back as it was', () => {
    for (const endpoint of ['tcp://10.0.0.1:5670', 'tcp://[fd00::1]:5670']) {
      assert.deepEqual(decodeIdentity([encodeIdentity({ id, endpoint })]), { id, endpoint })
    }
  })

  it('that is none is told from one', () => {
    const good = encodeIdentity({ id, endpoint: 'tcp://10.0.0.1:5670' })
    assert.equal(decodeIdentity([]), undefined)
    assert.equal(decodeIdentity([good, good]), undefined)
    assert.equal(decodeIdentity([good.subarray(0, -1)]), undefined)
    assert.equal(decodeIdentity([encodeIdentity({ id: 'x', endpoint: 'tcp://10.0.0.1:5670' })]), undefined)
    assert.equal(decodeIdentity([encodeIdentity({ id, endpoint: 'tcp://example.org:5670' })]), undefined)
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => assert.equal(decodeIdentity([Buffer.from(bytes)]), undefined)),
    )
  })
})

// Runs in a process of its own: it measures memory.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { idOfRoutingId } from '#src/wire/identity.js'
import { decodeMessage, encodeMessage, type Incoming, MAX_HELLO, type Outgoing } from '#src/wire/message.js'
import { outgoing } from '../support/arbitraries.js'
import { framesOf, type RecordedMessage, recordedMessages } from '../support/vectors.js'

const faults = ['message-signature', 'message-version', 'message-truncated']

describe('recorded messages', () => {
  for (const type of ['HELLO', 'WHISPER', 'SHOUT', 'JOIN', 'LEAVE', 'PING', 'PING-OK']) {
    it(`${type} is among them`, () =>
      assert.ok(recordedMessages.some(({ decoded }) => decoded.type === type)))
  }

  for (const recorded of recordedMessages) {
    it(`${recorded.title} decodes to what was recorded and encodes to the same bytes`, () => {
      const message = decode(framesOf(recorded))
      assert.deepEqual(described(message), described(recorded.decoded))
      const { sequence, ...rest } = message
      const frames = encodeMessage(rest as Outgoing, sequence)
      assert.deepEqual(
        frames.map((frame) => frame.toString('hex')),
        recorded.frames,
      )
    })
  }

  it("come under their senders' routing ids", () => {
    for (const { routingId } of recordedMessages) {
      assert.equal(idOfRoutingId(Buffer.from(routingId, 'hex')), routingId.slice(2).toUpperCase())
    }
  })
})

describe('a message', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(outgoing(), fc.nat(0xffff), (message, sequence) => {
        assert.deepEqual(decodeMessage(encodeMessage(message, sequence)), { ...message, sequence })
      }),
    )
  })

  it('holds the keys of a prototype for headers and groups like any other', () => {
    const keys = ['__proto__', 'constructor', 'hasOwnProperty', 'toString']
    const hello: Outgoing = {
      type: 'hello',
      endpoint: 'tcp://127.0.0.1:49152',
      groups: keys,
      status: 1,
      name: '__proto__',
      headers: new Map(keys.map((key) => [key, `a ${key}`])),
    }
    assert.deepEqual(decode(encodeMessage(hello, 1)), { ...hello, sequence: 1 })
    for (const group of keys)
      assert.deepEqual(decode(encodeMessage({ type: 'join', group, status: 2 }, 2)), {
        type: 'join',
        group,
        status: 2,
        sequence: 2,
      })
  })

  it('carries its content frames as they are, without a copy', () => {
    const content = [Buffer.from('one'), Buffer.from('two')]
    const frames = encodeMessage({ type: 'whisper', content }, 2)
    assert.equal(frames[1], content[0])
    assert.deepEqual(decode(frames), { type: 'whisper', sequence: 2, content })
  })

  it('with a group of more than 255 bytes is refused by the encoder, not cut', () => {
    assert.throws(() => encodeMessage({ type: 'join', group: 'é'.repeat(128), status: 1 }, 2), RangeError)
  })
})

describe('messages that only zyre sends are understood', () => {
  it('ELECT and LEADER', () => {
    const fields = [...Buffer.from('\x05group\x0achallenger')]
    for (const [id, type] of [
      [8, 'elect'],
      [9, 'leader'],
    ] as const) {
      const expected = { type, sequence: 3, group: 'group', challenger: 'challenger' }
      assert.deepEqual(decode([Buffer.of(0xaa, 0xa1, id, 2, 0, 3, ...fields)]), expected)
    }
  })

  it('GOODBYE', () => {
    assert.deepEqual(decode([Buffer.of(0xaa, 0xa1, 10, 2, 0, 3)]), { type: 'goodbye', sequence: 3 })
  })

  it('an unknown id, by its number', () => {
    for (const id of [0, 11, 255]) {
      assert.deepEqual(decode([Buffer.of(0xaa, 0xa1, id, 2, 0, 3, 9, 9)]), {
        type: 'unknown',
        id,
        sequence: 3,
      })
    }
  })
})

describe('hostile bytes', () => {
  const hello = framesOf(
    recordedMessages.find(({ decoded }) => decoded.type === 'HELLO') as RecordedMessage,
  )[0] as Buffer

  it('no frame at all', () => assert.equal(decodeMessage([]), 'message-truncated'))

  it('another signature', () => assert.equal(decodeMessage([patched(hello, 1, 0xa0)]), 'message-signature'))

  it('another version', () => {
    for (const version of [0, 1, 3, 255]) {
      assert.equal(decodeMessage([patched(hello, 3, version)]), 'message-version')
    }
  })

  it('every message, cut off anywhere in its first frame', () => {
    for (const recorded of recordedMessages) {
      const [first = Buffer.alloc(0), ...content] = framesOf(recorded)
      for (let length = 0; length < first.length; length++) {
        assert.equal(decodeMessage([first.subarray(0, length), ...content]), 'message-truncated')
      }
    }
  })

  it('counts and lengths of 4 GiB, wherever a HELLO has one, without memory or time for them', () => {
    const huge = Buffer.alloc(4, 0xff)
    const head = Buffer.of(0xaa, 0xa1, 1, 2, 0, 1, 0)
    const none = Buffer.alloc(4)
    const rest = Buffer.of(1, 0)
    const one = Buffer.of(0, 0, 0, 1)
    const before = process.memoryUsage().arrayBuffers
    for (const parts of [
      [head, huge],
      [head, huge, Buffer.alloc(1000)],
      [head, one, huge],
      [head, none, rest, huge],
      [head, none, rest, huge, Buffer.alloc(1000)],
      [head, none, rest, one, Buffer.of(0), huge],
    ]) {
      assert.equal(decodeMessage([Buffer.concat(parts)]), 'message-truncated')
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 1024 * 1024)
  })

  it('more groups or headers than any node has, though they are all there', () => {
    const head = Buffer.of(0xaa, 0xa1, 1, 2, 0, 1, 0)
    const count = (number: number) => Buffer.of(0, 0, number >> 8, number & 0xff)
    const tail = Buffer.of(0, 0, 0, 0, 0, 0)
    const withGroups = (number: number) => [
      Buffer.concat([head, count(number), Buffer.alloc(number * 4), tail]),
    ]
    assert.equal((decode(withGroups(4096)) as Incoming & { type: 'hello' }).groups.length, 4096)
    assert.equal(decodeMessage(withGroups(4097)), 'message-truncated')
    const none = Buffer.of(0, 0, 0, 0, 0, 0)
    const withHeaders = (number: number) => [
      Buffer.concat([head, none, count(number), Buffer.alloc(number * 5)]),
    ]
    assert.equal(decode(withHeaders(1024)).type, 'hello')
    assert.equal(decodeMessage(withHeaders(1025)), 'message-truncated')
  })

  it('a HELLO of more bytes than any node says, and takes one of just as many', () => {
    const hello = (more: number) => {
      const value = 'v'.repeat(MAX_HELLO - 23 + more)
      const headers = new Map([['k', value]])
      return encodeMessage({ type: 'hello', endpoint: '', groups: [], status: 0, name: '', headers }, 1)
    }
    assert.equal(hello(0)[0]?.length, MAX_HELLO)
    assert.equal(decode(hello(0)).type, 'hello')
    assert.equal(decodeMessage(hello(1)), 'message-size')
  })

  it('arbitrary bytes never make the decoder throw', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 3 }), decodes), {
      numRuns: 2000,
    })
  })

  it('arbitrary fields behind a good head never make it throw', () => {
    const head = (id: number) => Buffer.of(0xaa, 0xa1, id, 2, 0, 1)
    fc.assert(
      fc.property(fc.nat(12), fc.uint8Array({ maxLength: 200 }), (id, fields) => {
        decodes([Buffer.concat([head(id), fields])])
      }),
      { numRuns: 5000 },
    )
  })

  it('recorded messages with some bytes changed never make it throw', () => {
    const change = fc.tuple(fc.nat(), fc.nat(0xff))
    fc.assert(
      fc.property(fc.nat(), fc.array(change, { minLength: 1, maxLength: 4 }), (index, changes) => {
        const frames = framesOf(recordedMessages[index % recordedMessages.length] as RecordedMessage)
        const first = frames[0] as Buffer
        for (const [at, value] of changes) first[at % first.length] = value
        decodes(frames)
      }),
      { numRuns: 5000 },
    )
  })
})

/** Decodes or names a fault, and what it decodes to is no larger than the bytes. */
function decodes(frames: readonly Uint8Array[]): void {
  const message = decodeMessage(frames.map((frame) => Buffer.from(frame)))
  if (typeof message === 'string') assert.ok(faults.includes(message), message)
  else assert.ok(textOf(message) <= (frames[0]?.length ?? 0) * 3)
}

/** Characters in it. Each byte that is no UTF-8 becomes one. */
function textOf(message: Incoming): number {
  if (message.type !== 'hello') return 'group' in message ? message.group.length : 0
  const headers = [...message.headers].flat()
  return [message.endpoint, message.name, ...message.groups, ...headers].reduce(
    (sum, { length }) => sum + length,
    0,
  )
}

function decode(frames: readonly Buffer[]): Incoming {
  const message = decodeMessage(frames)
  assert.ok(typeof message !== 'string', `${message}`)
  return message
}

function patched(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = value
  return copy
}

/** A decoded message, or a recorded one's description, in the same words. */
function described(message: Incoming | RecordedMessage['decoded']): object {
  const { type, sequence, endpoint, groups, status, name, headers, group } =
    message as RecordedMessage['decoded']
  const length =
    'content' in message
      ? Buffer.concat(message.content).length
      : (message as RecordedMessage['decoded']).content_len
  const plain = headers instanceof Map ? Object.fromEntries(headers) : headers
  return { type: type.toLowerCase(), sequence, endpoint, groups, status, name, headers: plain, group, length }
}

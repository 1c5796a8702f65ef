import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decode, encode, isEndpoint, keyOf, MAX_PAYLOAD, MembershipKind } from '#src/membership/format.js'
import type { Message } from '#src/membership/message.js'
import { members } from '../vectors.js'
import { recordOf } from './records.js'

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
/** `deepEqual` tells apart what has no prototype. */
function plainRecord<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<T>
}

const uint32 = fc.nat(0xffff_ffff)
const id = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase())
const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
const age = fc.nat(255)
const key = fc.bigInt(0n, 2n ** 64n - 1n)

const record = plainRecord({
  id,
  incarnation: uint32,
  endpoint: fc
    .tuple(fc.ipV4(), fc.integer({ min: 1, max: 65535 }))
    .map(([ip, port]) => `tcp://${ip}:${port}`),
  foreign: fc.boolean(),
  unreachable: fc.boolean(),
  wire: fc.integer({ min: 1, max: 255 }),
  service: fc.oneof(fc.constant(''), word),
  version: word,
  name: fc.oneof(word, fc.constant('Bären')),
  publicKey: fc.oneof(fc.constant(''), fc.stringMatching(/^[a-z0-9]{40}$/)),
  meta: fc.constantFrom('', '{"canary":"true","zone":"a"}', '{"zone":"ä"}'),
})

const message: fc.Arbitrary<Message> = fc.oneof(
  plainRecord({
    type: fc.constant('know' as const),
    told: fc.array(plainRecord({ record, age }), { minLength: 1, maxLength: 5 }),
  }),
  plainRecord({
    type: fc.constant('gone' as const),
    gone: fc.array(
      plainRecord({ id, incarnation: uint32, reason: fc.constantFrom('lost' as const, 'stopped' as const) }),
      { minLength: 1 },
    ),
  }),
  plainRecord({
    type: fc.constant('alive' as const),
    renewals: fc.array(plainRecord({ id, incarnation: uint32, age }), { minLength: 1 }),
  }),
  plainRecord({ type: fc.constant('digest' as const), digest: key }),
  plainRecord({ type: fc.constantFrom('have' as const, 'want' as const), keys: fc.array(key) }),
  plainRecord({ type: fc.constant('part' as const), step: fc.constantFrom('ask', 'agree', 'refuse') }),
)

describe('what members tell each other', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(message, (one) => {
        const payloads = encode(one)
        assert.equal(payloads.length, 1)
        const [{ kind, bytes }] = payloads as [{ kind: number; bytes: Buffer }]
        assert.deepEqual(decode(kind, bytes), { message: one, invalid: 0 })
      }),
    )
  })

  it('may be any bytes: they are a message, or none', () => {
    const kinds = fc.integer({ min: 0x10, max: 0x1f })
    fc.assert(
      fc.property(kinds, fc.uint8Array({ maxLength: 400 }), (kind, bytes) => {
        const decoded = decode(kind, Buffer.from(bytes))
        if (decoded !== undefined)
          for (const { bytes } of encode(decoded.message)) assert.ok(bytes.length <= MAX_PAYLOAD)
      }),
    )
  })

  it('of many records is several frames', () => {
    const told = Array.from({ length: 1000 }, () => ({ record: recordOf('b'), age: 3 }))
    const payloads = encode({ type: 'know', told })
    assert.ok(payloads.length > 1)
    const read = payloads.flatMap(({ kind, bytes }) => {
      assert.ok(bytes.length <= 16 * 1024)
      const decoded = decode(kind, bytes)
      return decoded?.message.type === 'know' ? decoded.message.told : []
    })
    assert.deepEqual(read, told)
  })

  it('is refused when it is too long', () => {
    assert.equal(decode(MembershipKind.have, Buffer.alloc(MAX_PAYLOAD + 8)), undefined)
  })

  it('may say more of a node in a later version', () => {
    const [{ kind, bytes }] = encode({
      type: 'know',
      told: [{ record: recordOf('b', { meta: '{"zone":"a"}' }), age: 0 }],
    }) as [{ kind: number; bytes: Buffer }]
    const longer = Buffer.concat([bytes, Buffer.from('more')])
    longer.writeUInt16BE(bytes.readUInt16BE(0) + 4, 0)
    const decoded = decode(kind, longer)
    assert.deepEqual(decoded?.message, {
      type: 'know',
      told: [{ record: recordOf('b', { meta: '{"zone":"a"}' }), age: 0 }],
    })
  })

  it('is refused when a record in it is cut off, wherever that is', () => {
    const [{ kind, bytes }] = encode({ type: 'know', told: [{ record: recordOf('b'), age: 0 }] }) as [
      { kind: number; bytes: Buffer },
    ]
    for (let length = 0; length < bytes.length - 2; length++) {
      const cut = Buffer.from(bytes.subarray(0, 2 + length))
      cut.writeUInt16BE(length, 0)
      assert.equal(decode(kind, cut), undefined, `${length} bytes`)
    }
    for (const size of [1, bytes.length - 1]) assert.equal(decode(kind, bytes.subarray(0, size)), undefined)
  })

  it('of a node that is gone for a reason of a later version is that it is gone', () => {
    const gone = [{ id: 'A'.repeat(32), incarnation: 3, reason: 'stopped' as const }]
    const [{ kind, bytes }] = encode({ type: 'gone', gone }) as [{ kind: number; bytes: Buffer }]
    bytes[bytes.length - 1] = 77
    assert.deepEqual(decode(kind, bytes)?.message, {
      type: 'gone',
      gone: [{ id: 'A'.repeat(32), incarnation: 3, reason: 'lost' }],
    })
  })

  for (const [what, more] of [
    ['an endpoint with a name', { endpoint: 'tcp://evil.example:5670' }],
    ['an endpoint without a port', { endpoint: 'tcp://10.0.0.1' }],
    ['a service that no URL can have', { service: 'a/b' }],
    ['a name with a line break', { name: 'a\nb' }],
    ['a key that is none', { publicKey: 'short' }],
    ['labels that are none', { meta: '[1]' }],
    ['wire 0', { wire: 0 }],
  ] as const) {
    it(`passes over a record with ${what}, and reads the others`, () => {
      const told = [recordOf('b'), recordOf('c', more), recordOf('d')].map((one) => ({ record: one, age: 0 }))
      const [{ kind, bytes }] = encode({ type: 'know', told }) as [{ kind: number; bytes: Buffer }]
      assert.deepEqual(decode(kind, bytes), {
        message: { type: 'know', told: [told[0], told[2]] },
        invalid: 1,
      })
    })
  }
})

describe('the vectors of membership', () => {
  for (const { case: name, kind, payload, message: expected, malformed = false } of members) {
    it(name, () => {
      const decoded = decode(kind, bytesOf(payload))
      if (malformed) {
        assert.equal(decoded, undefined)
        return
      }
      const values = JSON.parse(
        JSON.stringify(decoded?.message, (_, value) =>
          typeof value === 'bigint' ? value.toString(16) : value,
        ),
      )
      assert.deepEqual(values, expected)
      const [{ bytes }] = encode((decoded as { message: Message }).message) as [
        { kind: number; bytes: Buffer },
      ]
      assert.equal(bytes.toString('hex'), bytesOf(payload).toString('hex'))
    })
  }
})

describe('the key of a record', () => {
  it('differs when anything in it does', () => {
    const keys = [
      recordOf('b'),
      recordOf('c'),
      recordOf('b', { incarnation: 2 }),
      recordOf('b', { service: 'other' }),
      recordOf('b', { foreign: true }),
    ].map(keyOf)
    assert.equal(new Set(keys).size, keys.length)
    assert.equal(keyOf(recordOf('b')), keys[0])
  })
})

describe('an endpoint that is told', () => {
  for (const good of ['tcp://10.0.0.1:1', 'tcp://[fd00::1]:65535'])
    it(`may be ${good}`, () => assert.ok(isEndpoint(good)))
  for (const bad of [
    'tcp://10.0.0.1:0',
    'tcp://10.0.0.1:65536',
    'tcp://10.0.0.1:05',
    'tcp://999.0.0.1:5',
    'tcp://[10.0.0.1]:5',
    'tcp://fd00::1:5',
    'udp://10.0.0.1:5',
    `tcp://[${'0:'.repeat(40)}]:5`,
  ]) {
    it(`may not be ${bad}`, () => assert.ok(!isEndpoint(bad)))
  }
})

import fc from 'fast-check'
import type { Outgoing } from '#src/wire/message.js'

export function nodeId(): fc.Arbitrary<string> {
  return fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase())
}

/** `binary`: any code point, but no half of a surrogate pair, which has no UTF-8. */
function text(maxBytes: number): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'binary', maxLength: 40 })
    .filter((string) => Buffer.byteLength(string) <= maxBytes)
}

export function shortText(): fc.Arbitrary<string> {
  return fc.oneof(text(255), fc.constantFrom('', 'x'.repeat(255), 'é'.repeat(127)))
}

export function longText(): fc.Arbitrary<string> {
  return fc.oneof(text(160), fc.constantFrom('', 'x'.repeat(20_000)))
}

export function byte(): fc.Arbitrary<number> {
  return fc.nat(0xff)
}

function content(): fc.Arbitrary<Buffer[]> {
  return fc.array(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    { maxLength: 4 },
  )
}

export function outgoing(): fc.Arbitrary<Outgoing> {
  return fc.oneof(
    fc.record({
      type: fc.constant('hello' as const),
      endpoint: shortText(),
      groups: fc.array(longText(), { maxLength: 5 }),
      status: byte(),
      name: shortText(),
      headers: fc
        .array(fc.tuple(shortText(), longText()), { maxLength: 5 })
        .map((entries) => new Map(entries)),
    }),
    fc.record({ type: fc.constant('whisper' as const), content: content() }),
    fc.record({ type: fc.constant('shout' as const), group: shortText(), content: content() }),
    fc.record({
      type: fc.constantFrom('join' as const, 'leave' as const),
      group: shortText(),
      status: byte(),
    }),
    fc.record({ type: fc.constantFrom('ping' as const, 'ping-ok' as const) }),
  )
}

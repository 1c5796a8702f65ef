import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  decodeEvent,
  decodeTopics,
  EventKind,
  encodeEvent,
  encodeTopics,
  headersProblem,
  MAX_HEAD,
  MAX_TOPICS,
  type WireEvent,
} from '#src/events/format.js'
import { isEvent, isTopics } from '#src/transport/streams/format.js'
import { eventPayloads } from '../vectors.js'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('the bytes of events', () => {
  for (const { case: title, kind, payload, topics, event, malformed, readOnly } of eventPayloads) {
    it(`vector: ${title}`, () => {
      const bytes = hex(payload)
      if (kind === EventKind.topics) {
        assert.deepEqual(decodeTopics(bytes), malformed ? undefined : topics)
        if (topics && !readOnly) assert.equal(encodeTopics(topics).toString('hex'), bytes.toString('hex'))
        return
      }
      assert.equal(kind, EventKind.event)
      const wired = event && { ...event, data: hex(event.data) }
      const read = decodeEvent(bytes)
      assert.deepEqual(read && { ...read, data: Buffer.from(read.data) }, malformed ? undefined : wired)
      if (wired && !readOnly) assert.equal(encodeEvent(wired).toString('hex'), bytes.toString('hex'))
    })
  }

  it('are frames that concern no stream', () => {
    for (const kind of Object.values(EventKind)) assert.ok(isEvent(kind))
    assert.ok(isTopics(EventKind.topics) && !isTopics(EventKind.event))
    assert.ok(!isEvent(0x22) && !isEvent(0x1f))
  })

  it('have a limit for topics and for headers', () => {
    assert.equal(decodeTopics(Buffer.alloc(MAX_TOPICS + 1)), undefined)
    const event = (size: number): WireEvent => ({
      number: 1,
      time: 1,
      topic: 'a',
      headers: ['x', 'y'.repeat(size)],
      data: Buffer.alloc(0),
    })
    const most = MAX_HEAD - encodeEvent(event(0)).length
    assert.equal(decodeEvent(encodeEvent(event(most)))?.headers[1]?.length, most)
    assert.equal(decodeEvent(encodeEvent(event(most + 1))), undefined)
    assert.equal(headersProblem('a', event(most).headers), undefined)
    assert.match(headersProblem('a', event(most + 1).headers) ?? '', /at most 64/)
    assert.match(headersProblem('a', ['x'.repeat(256), '']) ?? '', /at most 64/)
  })

  it('say the same when they are read', () => {
    const word = fc.stringMatching(/^[a-zä-ü0-9]{1,8}$/)
    const header = fc.tuple(fc.stringMatching(/^[a-z0-9-]{1,9}$/), fc.stringMatching(/^[!-~à-ÿ]{0,20}$/))
    const event = fc.record({
      number: fc.nat(2 ** 48 - 1),
      time: fc.nat(2 ** 48 - 1),
      topic: fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join('.')),
      headers: fc.array(header, { maxLength: 5 }).map((pairs) => pairs.flat()),
      data: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    })
    fc.assert(fc.property(event, (one) => assert.deepEqual(decodeEvent(encodeEvent(one)), { ...one })))
  })
})

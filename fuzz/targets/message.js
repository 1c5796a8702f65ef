import assert from 'node:assert/strict'
import { decodeMessage, encodeMessage, isHello } from '../../packages/zre/dist/wire/message.js'
import { Data, joined } from '../lib/data.js'
import { messages } from '../lib/vectors.js'

/** What is read and never written. */
const OTHERS = new Set(['goodbye', 'elect', 'leader', 'unknown'])

/** The frames of a ZRE message. */
export default {
  seeds: () => messages.map((frames) => joined(...frames)),
  words: [0xaaa1, 0xaaa10102, 0xaaa10202].map((number) => Buffer.from(number.toString(16), 'hex')),

  run(bytes) {
    const frames = new Data(bytes).parts()
    const message = decodeMessage(frames)
    if (typeof message === 'string') return
    assert.equal(isHello(frames), message.type === 'hello')
    const first = frames[0].length
    if (message.type === 'hello') {
      const texts = [message.endpoint, message.name, ...message.groups, ...[...message.headers].flat()]
      // A byte that is no UTF-8 becomes one character.
      assert.ok(texts.reduce((sum, { length }) => sum + length, 0) <= first)
    }
    if (OTHERS.has(message.type) || !isText(message)) return
    const again = encodeMessage(message, message.sequence)
    assert.deepEqual(decodeMessage(again), message)
  },
}

/** What was no UTF-8 grows when it is written, and may not fit any more. */
function isText(message) {
  return !JSON.stringify([...Object.values(message), ...(message.headers ?? [])]).includes('\ufffd')
}

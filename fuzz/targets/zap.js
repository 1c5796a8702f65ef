import assert from 'node:assert/strict'
import { decodeZapRequest, encodeZapReply } from '../../packages/zre/dist/wire/zap.js'
import { Data, joined } from '../lib/data.js'

const request = ['1.0', '1', 'global', '10.0.0.7', '', 'CURVE', Buffer.alloc(32, 1)]

/** What libzmq asks when somebody connects. */
export default {
  seeds: () => [joined(...request), joined(...request.with(5, 'NULL'))],

  run(bytes) {
    const frames = new Data(bytes).parts()
    const read = decodeZapRequest(frames)
    if (read === undefined) return
    assert.equal(read.key.length, 32)
    assert.equal(frames.length, 7)
    assert.equal(encodeZapReply(read.requestId, 200)[1].compare(frames[1]), 0)
  },
}

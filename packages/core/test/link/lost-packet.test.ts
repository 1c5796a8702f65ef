import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { until, wired } from './harness.js'

describe('a packet that is lost in the middle of a turn', () => {
  it('does not leave an answer that looks complete', async () => {
    let open: ServerResponse | undefined
    const { sleuth, service } = await wired((_, res) => {
      open = res
      res.flushHeaders()
    })
    const answer = await sleuth.do('sleuth://foo/')
    await until(() => open)
    open?.write(Buffer.alloc(20_000))
    // The end of the answer makes the full packet leave.
    service.node.failure = new Error('no room')
    open?.end()
    service.node.failure = undefined
    await assert.rejects(answer.arrayBuffer(), { code: 'SLEUTH_CUT' })
  })
})

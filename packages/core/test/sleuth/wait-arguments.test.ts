import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { pair } from '../harness.js'

describe('a peer is awaited', () => {
  for (const wire of [1, 2] as const) {
    it(`as long as a call to it is under way, on wire ${wire}`, async () => {
      let tell: (res: ServerResponse) => void = () => {}
      const asked = new Promise<ServerResponse>((resolve) => {
        tell = resolve
      })
      const { client, server, sleuth } = await pair((_req, res) => tell(res), { wire })
      const isAwaited = (end: typeof client, peer: typeof client) =>
        end.node.options.isAwaited?.(peer.node.id)
      assert.equal(isAwaited(client, server), false)
      const answer = sleuth.request('sleuth://foo/', { timeout: 60_000 })
      const res = await asked
      assert.equal(isAwaited(client, server), true)
      assert.equal(isAwaited(client, client), false)
      // The service looks out for a caller that vanishes as well. Go's calls are short.
      assert.equal(isAwaited(server, client), wire === 2)
      res.end()
      await answer
      assert.equal(isAwaited(client, server), false)
      assert.equal(isAwaited(server, client), false)
      await sleuth.close()
      await server.sleuth.close()
    })
  }
})

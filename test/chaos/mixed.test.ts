import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generateKeys } from '@sleuth/core'
import { mixed } from './mixed.js'

/** More of them find more: `SLEUTH_CHAOS_SECONDS=600 npm test -- test/chaos/mixed`. */
const SECONDS = Number(process.env.SLEUTH_CHAOS_SECONDS ?? 10)

const keys = generateKeys()
const networks = {
  'an open network': {},
  'a network with keys': { security: { ...keys, allow: [keys.publicKey] } },
}

describe('calls of all kinds, while instances are killed, restarted and stopped,', () => {
  for (const [name, options] of Object.entries(networks)) {
    test(`end as docs/reliability.md says, on ${name}`, async (t) => {
      const { calls, harms, broken } = await mixed(SECONDS, options)
      const failed = calls.filter(({ error }) => error !== undefined)
      t.diagnostic(`${calls.length} calls, ${failed.length} failed; ${harms.length} instances harmed`)
      assert.deepEqual(broken, [])
      assert.ok(harms.length >= 3)
      for (const kind of ['get', 'post', 'put', 'upload', 'stream'])
        assert.ok(calls.some((call) => call.kind === kind && call.error === undefined))
    })
  }
})

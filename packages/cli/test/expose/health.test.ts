import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Health } from '#src/expose/health.js'

function after(checks: string): Health {
  const health = new Health()
  for (const check of checks) health.observe({ ok: check === '+', why: '' })
  return health
}

describe('a server', () => {
  it('is well after the first check that succeeds, and unwell after two in a row that fail', () => {
    for (const [checks, isWell] of [
      ['', false],
      ['---', false],
      ['+', true],
      ['--+', true],
      ['+-', true],
      ['+-+-+-', true],
      ['+--', false],
      ['+---', false],
      ['+--+', true],
      ['+--+-', true],
    ] as const)
      assert.equal(after(checks).isWell, isWell, checks)
  })

  it('is in doubt after one', () => {
    assert.deepEqual(
      ['', '-', '+', '+-', '+--', '+-+'].map((checks) => after(checks).isInDoubt),
      [false, false, false, true, false, false],
    )
  })
})

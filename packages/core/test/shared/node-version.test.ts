import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { checkNodeVersion } from '#src/shared/node-version.js'

describe('the version of Node', () => {
  it('is refused with a sentence if it is too old', () => {
    for (const old of ['16.0.0', '18.20.8', '19.9.0', '20.18.3', '21.7.3', '22.1.0', '22.11.0', 'none'])
      assert.throws(() => checkNodeVersion(old), {
        code: 'SLEUTH_NODE_VERSION',
        message: `this is Node ${old}: install Node 22.12 or later, or Node 20 from 20.19 on`,
      })
    for (const current of ['20.19.0', '20.20.2', '22.12.0', '23.0.0', '24.1.0', '26.0.0-nightly'])
      checkNodeVersion(current)
  })

  it('has the bound that the package states', () => {
    const { engines } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
    assert.equal(engines.node, '^20.19.0 || >=22.12.0')
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { environmentOptions } from '#src/shared/options/environment.js'
import { checkOptions } from '#src/shared/options/options.js'

describe('options by environment', () => {
  it('are port, group and log level; what is empty counts as unset', () => {
    const env = { SLEUTH_PORT: ' 5999 ', SLEUTH_GROUP: 'blue', SLEUTH_LOG_LEVEL: 'debug' }
    assert.deepEqual(environmentOptions(env), { port: 5999, group: 'blue', logLevel: 'debug' })
    assert.deepEqual(environmentOptions({ SLEUTH_PORT: '', SLEUTH_GROUP: '' }), {})
  })

  for (const port of ['0', '65536', '5670x', '-1', '1e3']) {
    it(`refuse the port ${port}, and name the variable`, () => {
      assert.throws(() => environmentOptions({ SLEUTH_PORT: port }), {
        code: 'SLEUTH_PORT',
        codes: [905, 901],
        message: /SLEUTH_PORT must be a whole number from 1 to 65535/,
      })
    })
  }

  it('come after the options themselves, and are checked as these are', (t) => {
    process.env.SLEUTH_GROUP = 'blue'
    t.after(() => delete process.env.SLEUTH_GROUP)
    assert.equal(checkOptions().group, 'blue')
    assert.equal(checkOptions({ group: undefined }).group, 'blue')
    assert.equal(checkOptions({ group: 'green' }).group, 'green')
    assert.throws(() => checkOptions({ group: null }), { code: 'SLEUTH_OPTION' })
    process.env.SLEUTH_GROUP = 'a\nb'
    assert.throws(() => checkOptions(), { code: 'SLEUTH_OPTION', message: /options\.group/ })
  })
})

describe('a variable whose option is given', () => {
  it('is not read, so it may be wrong', () => {
    assert.deepEqual(environmentOptions({ SLEUTH_PORT: 'x', SLEUTH_GROUP: 'a' }, { port: 1 }), { group: 'a' })
  })
})

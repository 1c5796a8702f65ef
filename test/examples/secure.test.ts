import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ports } from './ports.js'
import { Program } from './program.js'

test('two services with keys find each other, and a stranger finds nobody', async (t) => {
  const secure = new Program(['examples/secure/secure.js'], ports.secure)
  t.after(() => secure.kill())
  assert.equal(await secure.ends(), 0, secure.output)
  assert.deepEqual(secure.output.trimEnd().split('\n'), [
    'billing: 200, booked for billing',
    'stranger: SLEUTH_TIMEOUT, it finds nobody',
    'ledger: turned a key away, billings known: 1',
  ])
})

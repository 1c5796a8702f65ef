import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { sleuth } from '../cli/command.js'
import { describeUnless } from './missing.js'
import { commandIn, hostsMissing, prefix } from './namespaces.js'

const run = promisify(execFile)
const namespace = `${prefix}cli-${process.pid}`
/** Two, since programs on one host meet by files, also without a network. */
const port = 23_110

/** Without an interface from the environment, as on a user's host. */
const alone = { within: commandIn(namespace, []), env: { SLEUTH_INTERFACE: undefined } }

describeUnless(await hostsMissing(), 'the command sleuth on a host without a network', {}, () => {
  test('ends, and says what to do', async (t) => {
    await run('ip', ['netns', 'add', namespace])
    t.after(() => run('ip', ['netns', 'delete', namespace]))
    const [list, call, watch] = await Promise.all([
      sleuth(['ls'], port, alone),
      sleuth(['call', 'a-service/', '--wait', '1s'], port + 1, alone),
      sleuth(['watch', '--interface', '10.0.0.0/8'], port, alone),
    ])
    assert.deepEqual([list.code, list.out], [0, ''])
    assert.match(list.err, /^No service was found within 1s\. Run "sleuth doctor" to see why/)
    assert.deepEqual([call.code, call.out], [6, ''])
    assert.match(
      call.err,
      /^sleuth: no instance of "a-service" is known; no other node is heard: .*"sleuth doctor"/,
    )
    assert.deepEqual([watch.code, watch.out], [1, ''])
    assert.match(watch.err, /^sleuth: .*no network interface has an IPv4 address in it.* set --interface/)
  })
})

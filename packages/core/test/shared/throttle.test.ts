import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sleuthError } from '#src/shared/errors.js'
import { Throttle } from '#src/shared/log.js'

function recorder() {
  const lines: string[] = []
  const nothing = () => {}
  const warn = (_: object, line: string) => void lines.push(line)
  return { lines, log: { trace: nothing, debug: nothing, info: nothing, error: nothing, warn } }
}

describe('warnings that come without end', () => {
  it('are logged five times a second by code, then counted in one line', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { lines, log } = recorder()
    const throttle = new Throttle()
    for (let count = 0; count < 1000; count++) throttle.warn(log, sleuthError('SLEUTH_DESTINATION'))
    throttle.warn(log, sleuthError('SLEUTH_UNZIP'))
    assert.equal(lines.length, 6)
    t.mock.timers.tick(1000)
    assert.equal(lines.length, 7)
    assert.equal(lines.at(-1), 'sleuth: 995 more of SLEUTH_DESTINATION within a second')
    for (let count = 0; count < 5; count++) throttle.warn(log, sleuthError('SLEUTH_DESTINATION'))
    assert.equal(lines.length, 12)
    t.mock.timers.tick(5000)
    assert.equal(lines.length, 12, 'nothing was left out')
  })
})

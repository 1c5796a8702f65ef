import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { WaitReporter } from '#src/node/wait-report.js'

describe('a reporter of waits', () => {
  let missing: string[]
  let told: string[][]
  let reporter: WaitReporter

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] })
    missing = ['a']
    told = []
    reporter = new WaitReporter({ missing: () => missing }, (names) => told.push(names))
  })
  afterEach(() => mock.timers.reset())

  it('tells once, after ten seconds, however many wait and try again', () => {
    for (let second = 0; second < 60; second++) {
      reporter.begin()
      mock.timers.tick(1000)
      assert.equal(told.length, second < 9 ? 0 : 1)
    }
    assert.deepEqual(told, [['a']])
  })

  it('tells nothing when all were found, or all have given up', () => {
    reporter.begin()
    missing = []
    mock.timers.tick(60_000)
    assert.deepEqual(told, [])
  })

  it('begins anew when all were found', () => {
    reporter.begin()
    mock.timers.tick(9000)
    missing = []
    reporter.check()
    missing = ['b']
    reporter.begin()
    mock.timers.tick(9000)
    assert.deepEqual(told, [])
    mock.timers.tick(1000)
    assert.deepEqual(told, [['b']])
    missing = []
    reporter.check()
    missing = ['c']
    reporter.begin()
    mock.timers.tick(10_000)
    assert.deepEqual(told, [['b'], ['c']])
  })

  it('is not put off by instances of other services', () => {
    reporter.begin()
    for (let second = 0; second < 10; second++) {
      reporter.check()
      mock.timers.tick(1000)
    }
    assert.equal(told.length, 1)
  })

  it('is silent when it is closed', () => {
    reporter.begin()
    reporter.close()
    mock.timers.tick(60_000)
    assert.deepEqual(told, [])
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Window } from '#src/samples/figures.js'
import { readSample } from '#src/samples/sample.js'
import { Lines } from '#src/watch/lines.js'
import { cellsOf, ratesOf } from '#src/watch/rates.js'

const who = { service: 's', name: 'n', id: 'I' }

describe('rates', () => {
  const report = (requests: number, failed: number, slots: number[], active: number, idle: number) => ({
    stats: { refused: 0, inflight: 3 },
    served: { requests, statuses: { '2xx': requests - failed, '5xx': failed }, slots },
    process: { loop: { active, idle } },
  })

  test('are those of the time between two reports', () => {
    const window = new Window(10_000)
    window.add(readSample(report(100, 0, [100], 0, 0), 1000))
    assert.deepEqual(cellsOf(ratesOf(who, window)), ['s', 'n', '', '', '3', '', '', '', ''])
    window.add(readSample(report(140, 10, [120, 0, 20], 300, 700), 3000))
    const { requests, errors, loop, p50, p99 } = ratesOf(who, window)
    assert.deepEqual({ requests, errors, loop, p50 }, { requests: 20, errors: 5, loop: 0.3, p50: 0.25 })
    assert.ok(p99 !== undefined && p99 > 0.5 && p99 <= 1)
    assert.deepEqual(cellsOf(ratesOf(who, window)).slice(0, 6), ['s', 'n', '20', '5.0', '3', '0.25ms'])
  })

  test('of nonsense are nothing, and no error', () => {
    for (const nonsense of [
      null,
      7,
      {},
      { served: null, process: { loop: 'x' } },
      { stats: { inflight: -1 } },
    ]) {
      const window = new Window(10_000)
      window.add(readSample(nonsense, 0))
      window.add(readSample(nonsense, 1000))
      assert.deepEqual(cellsOf(ratesOf(who, window)), ['s', 'n', '0', '0', '0', '', '', '', '0%'])
    }
  })
})

describe('lines of watch', () => {
  const instance = {
    id: 'I',
    name: 'n',
    version: '1',
    endpoint: 'tcp://127.0.0.1:1',
    wire: 2,
    meta: {},
    ready: true,
  }
  const time = new Date(2026, 0, 2, 3, 4, 5, 6)

  test('keep their columns, which only become wider', () => {
    const lines = new Lines()
    const of = (service: string) => lines.of({ time, event: 'up', service, instance }, (event) => event)
    const starts = [lines.titles(), of('a'), of('a-service-with-a-long-name'), of('b')].map((line) =>
      [...line.matchAll(/\S+/g)].map(({ index }) => index),
    )
    for (const each of starts) assert.equal(each.length, 7)
    assert.deepEqual(starts[1], starts[0])
    assert.deepEqual(starts[3], starts[2])
    assert.ok((starts[2]?.[3] ?? 0) > (starts[1]?.[3] ?? 0))
  })

  test('have one word in each column, whatever a peer calls itself', () => {
    const odd = { ...instance, name: 'two words\u001b[2J', version: '' }
    const line = new Lines().of({ time, event: 'down', service: 's', instance: odd, reason: 'lost' }, String)
    assert.deepEqual(line.split(/\s+/), [
      '03:04:05.006',
      'down',
      's',
      'two_words\ufffd[2J',
      '-',
      'tcp://127.0.0.1:1',
      'lost',
    ])
  })
})

import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { OpenPolicy } from '#src/security/open-policy.js'
import { RejectionLog } from '#src/security/rejection-log.js'
import { Counters } from '#src/stats.js'

const [FROM, ENDPOINT] = ['AA'.repeat(16), 'tcp://10.0.0.2:50000']

function rejections() {
  const lines: string[] = []
  const logger = {
    trace() {},
    debug() {},
    info() {},
    error() {},
    warn: (fields: object, message: string) => lines.push(JSON.stringify(fields) + message),
  }
  const counters = new Counters(logger)
  return { lines, counters, rejections: new RejectionLog(counters, logger) }
}

describe('who is refused', () => {
  it('is told of once, and always counted', () => {
    const bench = rejections()
    for (let count = 0; count < 3; count++) bench.rejections.refuse('key-refused', ENDPOINT, 'key')
    assert.equal(bench.lines.length, 1)
    assert.equal(bench.counters.snapshot(0).dropped['key-refused'], 3)
  })

  it('under ever other names fills no log; who found no line free is told of when it comes again', () => {
    let now = 0
    const clock = mock.method(performance, 'now', () => now)
    const bench = rejections()
    for (let count = 0; count < 1000; count++) bench.rejections.refuse('encrypted', `address ${count}`)
    assert.equal(bench.lines.length, 5)
    now = 1000
    bench.rejections.refuse('encrypted', 'address 4')
    bench.rejections.refuse('encrypted', 'address 5')
    assert.equal(bench.lines.length, 6)
    clock.mock.restore()
  })

  it('has no text of its own choice in the log', () => {
    const bench = rejections()
    const policy = new OpenPolicy({
      id: 'us',
      rejections: bench.rejections,
      maxPeers: 1,
      peers: () => new Map(),
      step: () => assert.fail('let through'),
      onOwnBeacon: () => {},
    })
    const hello = { type: 'hello', sequence: 1, groups: [], status: 0, name: '' } as const
    const headers = new Map([['X-PUBLICKEY', 'forged\n'.repeat(30_000)]])
    policy.onHello(FROM, { ...hello, endpoint: 'forged', headers }, {})
    policy.onHello(FROM, { ...hello, endpoint: ENDPOINT, headers }, {})
    assert.equal(bench.lines.length, 2)
    assert.ok(bench.lines[0]?.includes(FROM) && bench.lines[1]?.includes(ENDPOINT))
    assert.ok(!bench.lines.join().includes('forged'))
  })
})

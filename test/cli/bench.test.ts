import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Sleuth } from '@sleuth/core'
import { SleuthCommand, sleuth } from './command.js'
import { ports } from './ports.js'
import { echo, serve } from './service.js'

const port = ports.bench

let service: Sleuth
let requests = 0
/** Most requests that were under way at a time. */
let most = 0
before(async () => {
  let under = 0
  service = await serve(port, 'echo-service', (request, response) => {
    requests++
    most = Math.max(most, ++under)
    response.once('close', () => under--)
    if (request.url === '/hang' && requests > 1) return
    setImmediate(() => echo(request, response))
  })
})
after(() => service.close())

describe('bench', () => {
  test('makes so many calls, so many at a time, and counts what came back', async () => {
    requests = most = 0
    const { code, out } = await sleuth(
      ['bench', 'echo-service/status/404', '-n', '100', '-c', '7', '-b', 'four', '-d', '10m', '--json'],
      port,
    )
    assert.equal(code, 0)
    const { calls, statuses, errors, bytes, latency, duration, rate } = JSON.parse(out)
    assert.deepEqual(
      { calls, statuses, errors, bytes },
      { calls: 100, statuses: { 404: 100 }, errors: {}, bytes: 400 },
    )
    assert.equal(requests, 101, 'one call comes before')
    assert.ok(most <= 7 && most > 1, String(most))
    assert.ok(Math.abs(rate - 100_000 / duration) < rate / 1000)
    const { min, p50, p75, p90, p95, p99, p999, max } = latency
    const rising = [min, p50, p75, p90, p95, p99, p999, max]
    assert.deepEqual(
      rising,
      rising.toSorted((one, other) => one - other),
    )
    assert.ok(min > 0)
  })

  test('prints lines that begin with what they tell', async () => {
    const { code, out, err } = await sleuth(['bench', 'echo-service/x', '-n', '20', '-X', 'PUT'], port)
    assert.deepEqual([code, err], [0, 'PUT sleuth://echo-service/x, 64 at a time\n'])
    const lines = out.trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => line.split(/\s+/)[0]),
      ['calls', 'rate', 'status', 'failed', 'read', 'latency'],
    )
    assert.match(lines[0] ?? '', /^calls {4}20 in /)
    assert.match(lines[2] ?? '', /^status {3}200 20$/)
    assert.match(lines[5] ?? '', / p50 .* p95 .* p99\.9 .* max /)
  })

  test('counts calls that fail, and exits with 1', async () => {
    requests = 0
    const { code, out } = await sleuth(
      ['bench', 'echo-service/hang', '-n', '3', '-c', '3', '--timeout', '200ms', '--json'],
      port,
    )
    assert.equal(code, 1)
    const { calls, errors, latency } = JSON.parse(out)
    assert.deepEqual({ calls, errors, latency }, { calls: 3, errors: { SLEUTH_TIMEOUT: 3 }, latency: null })
  })

  test('prints what there is when it is interrupted', async (t) => {
    const command = new SleuthCommand(['bench', 'echo-service/', '-d', '10m', '-c', '2'], port)
    t.after(() => command.kill())
    await command.prints(/2 at a time/, 'err')
    const { code, out } = await command.stop('SIGINT')
    assert.equal(code, 130)
    assert.match(out, /^calls .*\nrate .*\nstatus .*\nfailed {3}0\n/)
  })

  test('does not begin without a service, and says what is wrong with its arguments', async () => {
    const cases: [args: string[], code: number, message: RegExp][] = [
      [['nobody-service/', '--wait', '0'], 6, /no instance of "nobody-service"/],
      [
        ['a/', '-c', '0'],
        2,
        /--concurrency must be a whole number, at least 1 and at most 10000, and is "0"/,
      ],
      [['a/', '-c', '1000000000000'], 2, /--concurrency must be .* at most 10000/],
      [['a/', '-d', '0'], 2, /--duration must be a time from 1ms to 596h, and is "0"/],
      [['a/', '-n', 'x'], 2, /--requests must be a whole number/],
      [['a/', 'b/'], 2, /bench takes one address, and not "b\/"/],
      [[], 2, /bench needs a service and a path/],
    ]
    await Promise.all(
      cases.map(async ([args, expected, message]) => {
        const { code, out, err } = await sleuth(['bench', ...args], port)
        assert.deepEqual([code, out], [expected, ''], err)
        assert.match(err, message)
      }),
    )
  })
})

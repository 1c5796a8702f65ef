import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createSleuth, type Sleuth } from '@sleuth/core'
import { SleuthCommand, sleuth } from './command.js'
import { ports } from './ports.js'

const port = ports.ls

async function serve(service: string, name: string, version?: string): Promise<Sleuth> {
  const handler = (_: unknown, res: { end(): void }) => res.end()
  return createSleuth({ interface: 'loopback', port, service, name, version, handler })
}

test('a service on this machine keeps the port and the endpoint that its variables name', async (t) => {
  const listen = { port: await freePort() }
  const handler = (_: unknown, res: { end(): void }) => res.end()
  const service = await createSleuth({
    interface: 'loopback',
    port,
    service: 'fixed-service',
    listen,
    handler,
  })
  t.after(() => service.close())
  const env = { SLEUTH_LISTEN: String(listen.port), SLEUTH_ADVERTISE: `tcp://127.0.0.1:${listen.port}` }
  const { code, out, err } = await sleuth(['ls', 'fixed-service'], port, { env })
  assert.equal(code, 0, err)
  assert.match(out, new RegExp(`^fixed-service .* tcp://127.0.0.1:${listen.port} .* yes$`, 'm'))
})

describe('ls', () => {
  const started: Sleuth[] = []
  before(async () => {
    started.push(
      ...(await Promise.all([
        serve('comment-service', 'b', '1.2.0'),
        serve('comment-service', 'a', '1.3.0 beta'),
        serve('author-service', 'x'),
      ])),
    )
  })
  after(() => Promise.all(started.map((each) => each.close())))

  test('lists instances by service and name, in columns for awk', async () => {
    const { code, out, err } = await sleuth(['ls'], port)
    assert.equal(code, 0, err)
    const rows = out.trimEnd().split('\n')
    const words = rows.map((row) => row.split(/\s+/))
    assert.deepEqual(words[0], [
      'SERVICE',
      'INSTANCE',
      'VERSION',
      'ENDPOINT',
      'WIRE',
      'RTT',
      'UPTIME',
      'READY',
    ])
    assert.deepEqual(
      words.slice(1).map((row) => row.slice(0, 3)),
      [
        ['author-service', 'x', 'unknown'],
        ['comment-service', 'a', '1.3.0_beta'],
        ['comment-service', 'b', '1.2.0'],
      ],
    )
    for (const row of words.slice(1)) {
      assert.equal(row.length, 8)
      assert.match(row[3] ?? '', /^tcp:\/\/127\.0\.0\.1:\d+$/)
      assert.equal(row[4], '2')
      assert.match(row[5] ?? '', /^\d+(\.\d+)?m?s$/)
      assert.match(row[6] ?? '', /^\d+s$/)
      assert.equal(row[7], 'yes')
    }
    assert.ok(!out.includes('\u001b'))
  })

  test('prints one object a line with --json', async () => {
    const { code, out } = await sleuth(['ls', 'comment-service', '--json'], port)
    assert.equal(code, 0)
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.deepEqual(
      rows.map(({ service, name, version, wire }) => [service, name, version, wire]),
      [
        ['comment-service', 'a', '1.3.0 beta', 2],
        ['comment-service', 'b', '1.2.0', 2],
      ],
    )
    for (const { id, rtt, uptime, ready } of rows) {
      assert.match(String(id), /^[0-9A-F]{32}$/)
      assert.match(String(rtt), /^\d+(\.\d)?$/)
      assert.ok(Number(rtt) > 0 && Number(uptime) >= 0)
      assert.equal(ready, true)
    }
  })

  test('says which instance wants no calls', async (t) => {
    const handler = (_: unknown, res: { end(): void }) => res.end()
    const service = await createSleuth({
      interface: 'loopback',
      port,
      service: 'busy-service',
      handler,
      ready: () => false,
    })
    t.after(() => service.close())
    const { out } = await sleuth(['ls', 'busy-service'], port)
    assert.match(out, /^busy-service .* no$/m)
  })

  test('says what to do when a service is not there', async () => {
    const { code, out, err } = await sleuth(['ls', 'honey-service'], port)
    assert.deepEqual([code, out], [6, ''])
    assert.match(err, /^No instance of "honey-service" was found within 1s\. Run "sleuth doctor"/)
  })

  test('sees another group only with --group', async (t) => {
    const handler = (_: unknown, res: { end(): void }) => res.end()
    const other = await createSleuth({ interface: 'loopback', port, group: 'others', service: 'o', handler })
    t.after(() => other.close())
    const [ours, theirs] = await Promise.all([
      sleuth(['ls', '--json'], port),
      sleuth(['ls', '--json', '--group', 'others'], port),
    ])
    const services = (out: string) => [...out.matchAll(/"service":"([^"]+)"/g)].map(([, name]) => name)
    assert.deepEqual(services(ours.out), ['author-service', 'comment-service', 'comment-service'])
    assert.deepEqual(services(theirs.out), ['o'])
  })

  test('takes no second service, and no time that is none', async () => {
    const [second, time] = await Promise.all([
      sleuth(['ls', 'a', 'b'], port),
      sleuth(['ls', '--wait', 'x'], port),
    ])
    assert.deepEqual([second.code, time.code], [2, 2])
    assert.match(second.err, /ls takes one service at most, and not "b"/)
    assert.match(time.err, /--wait must be a time such as 500ms, 2s or 1m, and is "x"/)
  })

  test('ends when nobody reads it', async (t) => {
    const command = new SleuthCommand(['ls'], port)
    t.after(() => command.kill())
    command.child.stdout?.destroy()
    assert.equal((await command.ends()).code, 141)
  })
})

test('an empty network is no error, and stdout stays empty', async () => {
  const { code, out, err } = await sleuth(['ls', '--wait', '0.1'], ports.frame)
  assert.deepEqual([code, out], [0, ''])
  assert.match(err, /^No service was found within 0\.1\. Run "sleuth doctor" to see why/)
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

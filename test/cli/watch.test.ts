import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { createSleuth } from '@sleuth/core'
import { SleuthCommand, sleuth } from './command.js'
import { ports } from './ports.js'
import { serve } from './service.js'

const port = ports.watch

test('watch prints what comes and goes, and why', async (t) => {
  const early = await serve(port, 'early-service', undefined, { name: 'e', version: '1.0.0' })
  t.after(() => early.close().catch(() => {}))
  const watch = new SleuthCommand(['watch'], port)
  t.after(() => watch.kill())
  await watch.prints(/^\S+ +up +early-service/m)

  const late = await serve(port, 'late-service', undefined, { name: 'l' })
  await watch.prints(/^\S+ +up +late-service/m)
  await late.close()
  await watch.prints(/^\S+ +down +late-service/m)

  const killed = spawn(process.execPath, ['-e', program], { stdio: 'ignore' })
  t.after(() => killed.kill('SIGKILL'))
  await watch.prints(/^\S+ +up +killed-service/m)
  killed.kill('SIGKILL')
  await watch.prints(/^\S+ +down +killed-service/m)

  const { code, out, err } = await watch.stop('SIGINT')
  assert.deepEqual([code, err], [130, ''])
  const [titles, ...rows] = out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/\s+/))
  assert.deepEqual(titles, ['TIME', 'EVENT', 'SERVICE', 'INSTANCE', 'VERSION', 'ENDPOINT', 'REASON'])
  assert.deepEqual(
    rows.map(([, event, service, name, version, , reason]) => [event, service, name, version, reason]),
    [
      ['up', 'early-service', 'e', '1.0.0', '-'],
      ['up', 'late-service', 'l', 'unknown', '-'],
      ['down', 'late-service', 'l', 'unknown', 'left'],
      ['up', 'killed-service', 'k', 'unknown', '-'],
      ['down', 'killed-service', 'k', 'unknown', 'lost'],
    ],
  )
  for (const [time = '', , , , , endpoint = ''] of rows) {
    assert.match(time, /^\d\d:\d\d:\d\d\.\d{3}$/)
    assert.match(endpoint, /^tcp:\/\/127\.0\.0\.1:\d+$/)
  }
})

const program = `import('@sleuth/core').then(({ createSleuth }) => createSleuth({
  interface: 'loopback', port: ${port}, service: 'killed-service', name: 'k', handler: (req, res) => res.end(),
}))`

test('watch prints one object a line with --json, of one service when it is named', async (t) => {
  const watch = new SleuthCommand(['watch', 'a-service', '--json'], port)
  t.after(() => watch.kill())
  const other = await serve(port, 'other-service')
  const service = await serve(port, 'a-service', undefined, { name: 'a' })
  await watch.prints(/"up"/)
  await Promise.all([service.close(), other.close()])
  await watch.prints(/"down"/)
  const { code, out } = await watch.stop('SIGTERM')
  assert.equal(code, 143)
  const rows = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(
    rows.map(({ event, service, name, reason }) => [event, service, name, reason]),
    [
      ['up', 'a-service', 'a', undefined],
      ['down', 'a-service', 'a', 'left'],
    ],
  )
  for (const { time } of rows) assert.equal(new Date(String(time)).toISOString(), time)
})

test('watch ends when nobody reads it', async (t) => {
  const watch = new SleuthCommand(['watch'], port)
  t.after(() => watch.kill())
  await watch.prints(/TIME/)
  watch.child.stdout?.destroy()
  const service = await serve(port, 'a-service')
  t.after(() => service.close())
  assert.equal((await watch.ends()).code, 141)
})

test('watch takes no second service', async () => {
  const { code, err } = await sleuth(['watch', 'a', 'b'], port)
  assert.equal(code, 2)
  assert.match(err, /watch takes one service at most, and not "b"/)
})

test('watch --top prints how each instance does, again and again', async (t) => {
  const { requests, close } = await counted('top-service')
  t.after(close)
  const watch = new SleuthCommand(['watch', '--top', '--interval', '100ms'], port)
  t.after(() => watch.kill())
  await watch.prints(/top-service/)
  // A rate is there from the second picture on.
  await watch.prints(/^top-service +one +\d/m)
  await requests(watch, /^top-service +one +(?:[1-9]\d*|0\.[1-9])/m)
  const { code, out } = await watch.stop('SIGINT')
  assert.equal(code, 130)
  const rows = out.split('\n').filter((line) => line !== '')
  const titles = 'SERVICE INSTANCE REQ/S ERR/S INFLIGHT P50 P95 P99 LOOP'.split(' ')
  for (const row of rows) assert.equal(row.trim().split(/\s+/).length, titles.length, row)
  assert.deepEqual(rows[0]?.split(/\s+/), titles)
  const last = rows.findLast((row) => /^top-service +one +\d/.test(row))?.split(/\s+/) ?? []
  assert.match(last[8] ?? '', /^\d+%$/)
})

test('watch --top --json prints one object for each instance', async (t) => {
  const { requests, close } = await counted('top-service')
  t.after(close)
  const watch = new SleuthCommand(['watch', 'top-service', '--top', '--interval', '0.1', '--json'], port)
  t.after(() => watch.kill())
  await requests(watch, /"requests":[1-9]/)
  const { out } = await watch.stop('SIGINT')
  for (const line of out.trimEnd().split('\n')) {
    const { time, service, name, errors } = JSON.parse(line)
    assert.equal(new Date(time).toISOString(), time)
    assert.deepEqual([service, name], ['top-service', 'one'])
    assert.ok(errors === undefined || errors === 0)
  }
})

/** A service that is called until a command has printed what is waited for. */
async function counted(name: string) {
  const service = await serve(port, name, undefined, { name: 'one' })
  const client = await createSleuth({ interface: 'loopback', port, timeout: 30_000 })
  await client.waitFor(name)
  return {
    async requests(watch: SleuthCommand, until: RegExp) {
      let waits = true
      const printed = watch.prints(until).finally(() => {
        waits = false
      })
      while (waits) await client.request(`sleuth://${name}/`)
      await printed
    },
    close: () => Promise.all([client.close(), service.close()]),
  }
}

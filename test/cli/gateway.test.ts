import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { after, before, test } from 'node:test'
import type { Sleuth } from '@sleuth/core'
import { SleuthCommand, sleuth } from './command.js'
import { ports } from './ports.js'
import { echo, serve } from './service.js'

const port = ports.gateway
const started: Sleuth[] = []

before(async () => {
  for (const name of ['echo', 'secret']) started.push(await serve(port, name, echo))
})
after(() => Promise.all(started.map((each) => each.close())))

async function statusOf(at: number, path: string, host = 'localhost'): Promise<number | undefined> {
  const req = request({ host: '127.0.0.1', port: at, path, agent: false, headers: { host } }).end()
  const [res] = await once(req, 'response')
  res.resume()
  await once(res, 'end')
  return res.statusCode
}

/** The services may not have been met yet. */
async function met(at: number, path: string): Promise<void> {
  while ((await statusOf(at, path)) === 404);
}

test('serves services by host and by path, and logs what it is asked', async (t) => {
  const gateway = new SleuthCommand(['gateway', '--listen', '127.0.0.1:0', '-v'], port)
  t.after(() => gateway.kill())
  const [, digits] = await gateway.prints(
    /^gateway: http:\/\/127\.0\.0\.1:(\d+)\/<service>\/ and http:\/\/<service>\.localhost:\1\/\n$/,
  )
  const at = Number(digits)
  await met(at, '/echo/status/201')
  assert.equal(await statusOf(at, '/status/299', 'echo.localhost'), 299)
  assert.equal(await statusOf(at, '/echo/', 'evil.test'), 421)
  await gateway.prints(/^127\.0\.0\.1 GET localhost\/echo\/status\/201 → echo 201 \d+ B \d+ ms$/m, 'err')
  await gateway.prints(/^127\.0\.0\.1 GET evil\.test\/echo\/ → - 421 \d+ B \d+ ms \(HOST\)$/m, 'err')
  const { code } = await gateway.stop('SIGINT')
  assert.equal(code, 0)
})

test('serves only what is allowed, and prints JSON', async (t) => {
  const args = [
    'gateway',
    '--listen',
    '0',
    '--allow',
    'echo,other',
    '--host',
    'api.test',
    '--json',
    '--verbose',
  ]
  const gateway = new SleuthCommand(args, port)
  t.after(() => gateway.kill())
  const [line] = await gateway.prints(/^\{.*\}$/m)
  const { event, url, port: at } = JSON.parse(line)
  assert.deepEqual([event, url], ['listening', `http://127.0.0.1:${at}`])
  await met(at, '/echo/')
  assert.equal(await statusOf(at, '/', 'echo.api.test'), 200)
  assert.equal(await statusOf(at, '/secret/'), 403)
  const [entry] = await gateway.prints(/^\{.*"url":"\/secret\/".*\}$/m, 'err')
  const { client, status, error } = JSON.parse(entry)
  assert.deepEqual([client, status, error], ['127.0.0.1', 403, 'NOT_ALLOWED'])
  assert.equal((await gateway.stop('SIGTERM')).code, 0)
})

test('says what is wrong before it serves', async (t) => {
  for (const [args, message] of [
    [['x'], /takes no arguments/],
    [['--listen', 'here'], /--listen must be/],
    [['--host', 'a:1'], /--host must be/],
    [['--origin', 'a'], /--origin must be/],
    [['--allow', ''], /--allow has an empty name/],
    [['--max-connections', 'many'], /--max-connections/],
    [['--timeout', 'x'], /--timeout must be a time/],
  ] as const) {
    const { code, out, err } = await sleuth(['gateway', '--listen', '0', ...args], port)
    assert.deepEqual([code, out], [2, ''], err)
    assert.match(err, message)
  }
  const other = createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await once(other, 'listening')
  const { port: taken } = other.address() as AddressInfo
  const { code, err } = await sleuth(['gateway', '--listen', String(taken)], port)
  assert.equal(code, 1)
  assert.match(err, new RegExp(`port ${taken} of 127\\.0\\.0\\.1 is in use; give another by --listen`))
  const nowhere = await sleuth(['gateway', '--listen', '0', '--interface', 'nope0'], port)
  assert.equal(nowhere.code, 1)
  assert.match(nowhere.err, /nope0/)
})

test('warns when others than this machine can use it', async (t) => {
  const gateway = new SleuthCommand(['gateway', '--listen', '0.0.0.0:0'], port)
  t.after(() => gateway.kill())
  await gateway.prints(/^warning: everyone who reaches this address/m, 'err')
  assert.equal((await gateway.stop('SIGTERM')).code, 0)
})

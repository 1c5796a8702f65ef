import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createSleuth, type Sleuth } from '@sleuth/core'
import { SleuthCommand, sleuth } from './command.js'
import { ports } from './ports.js'
import { echo, serve } from './service.js'

const port = ports.call
const call = (...args: string[]) => sleuth(['call', ...args], port)

let folder: string
const started: Sleuth[] = []
/** The responses of /slow that are under way. */
const slow: ServerResponse[] = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sleuth-call-'))
  started.push(
    await serve(
      port,
      'echo-service',
      (request, response) => {
        if (request.url === '/binary') response.end(Buffer.from([0x61, 0, 0xff]))
        else if (request.url === '/cookies') {
          response.setHeader('set-cookie', ['a=1', 'b=2']).end('two')
        } else if (request.url === '/redirect') response.writeHead(302, { location: '/target' }).end('there')
        else if (request.url === '/cut') {
          response.write('begun\n')
          request.socket.once('close', () => {})
          setImmediate(() => response.destroy())
        } else if (request.url === '/slow') {
          response.write('first\n')
          slow.push(response)
        } else echo(request, response)
      },
      { name: 'only', version: '1.2.0' },
    ),
  )
})
after(async () => {
  await Promise.all(started.map((each) => each.close()))
  await rm(folder, { recursive: true })
})

describe('call', () => {
  test('prints the body of the response, and nothing else', async () => {
    assert.deepEqual(await call('echo-service/a/b?c=d', '-d', 'Hello'), { code: 0, out: 'Hello', err: '' })
    const bytes = new SleuthCommand(['call', 'sleuth://echo-service/binary'], port)
    await bytes.ends()
    assert.deepEqual([...bytes.bytes], [0x61, 0, 0xff])
  })

  test('has the method, headers and body of curl', async () => {
    const file = join(folder, 'body')
    await writeFile(file, 'from a file\n')
    const cases: [args: string[], expected: Record<string, string>, body: string, input?: string][] = [
      [[], { 'x-method': 'GET', 'x-path': '/p?q=1' }, ''],
      [['-X', 'DELETE'], { 'x-method': 'DELETE' }, ''],
      [['-d', 'a=1', '-d', 'b=2'], { 'x-method': 'POST', 'x-got-content-length': '7' }, 'a=1&b=2'],
      [['-d', 'x'], { 'x-got-content-type': 'application/x-www-form-urlencoded' }, 'x'],
      [
        ['-d', '{}', '-H', 'Content-Type: application/json'],
        { 'x-got-content-type': 'application/json' },
        '{}',
      ],
      [['-d', `@${file}`], { 'x-method': 'POST' }, 'from a file\n'],
      [['-d', '@-'], { 'x-method': 'POST' }, 'from stdin', 'from stdin'],
      [['-X', 'PATCH', '-d', ''], { 'x-method': 'PATCH' }, ''],
      [['-T', file], { 'x-method': 'PUT', 'x-got-content-length': '12' }, 'from a file\n'],
      [['-T', '-'], { 'x-method': 'PUT', 'x-got-transfer-encoding': 'chunked' }, 'streamed', 'streamed'],
      [['-H', 'x-one: 1', '-H', 'x-two;', '-H', 'x-none:'], { 'x-got-x-one': '1', 'x-got-x-two': '' }, ''],
    ]
    await Promise.all(
      cases.map(async ([args, expected, body, input]) => {
        const surroundings = input === undefined ? {} : { input }
        const { code, out, err } = await sleuth(
          ['call', '--json', 'echo-service/p?q=1', ...args],
          port,
          surroundings,
        )
        assert.equal(code, 0, err)
        const result = JSON.parse(out) as { headers: Record<string, string>; body: string }
        for (const [name, value] of Object.entries(expected))
          assert.equal(result.headers[name], value, `${args} ${name}`)
        assert.equal(result.body, body)
        assert.equal(result.headers['x-got-x-none'], undefined)
      }),
    )
  })

  test('prints the head with -i and -I', async () => {
    const [include, head] = await Promise.all([
      call('-i', 'echo-service/cookies'),
      call('-I', 'echo-service/x'),
    ])
    const [lines = '', body] = include.out.split('\r\n\r\n')
    assert.match(lines, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(lines, /set-cookie: a=1\r\nset-cookie: b=2/)
    assert.equal(body, 'two')
    assert.match(head.out, /^HTTP\/1\.1 200 OK\r\n.*x-method: HEAD\r\n.*\r\n\r\n$/s)
  })

  test('writes a file with -o, when there is something to write', async () => {
    const [done, failed, unwritable] = await Promise.all([
      call('echo-service/', '-d', 'text', '-o', join(folder, 'done')),
      call('echo-service/status/500', '-f', '-o', join(folder, 'failed')),
      call('echo-service/', '-d', 'text', '-o', join(folder, 'none/file')),
    ])
    assert.deepEqual(done, { code: 0, out: '', err: '' })
    assert.equal(await readFile(join(folder, 'done'), 'utf8'), 'text')
    assert.equal(failed.code, 22)
    await assert.rejects(stat(join(folder, 'failed')), { code: 'ENOENT' })
    assert.equal(unwritable.code, 1)
    assert.match(unwritable.err, /^sleuth: ENOENT: .*none\/file'\n$/)
  })

  test('exits with 22 for an error status with --fail alone', async () => {
    const [plain, fail, silent, shown] = await Promise.all([
      call('echo-service/status/404', '-d', 'why'),
      call('echo-service/status/404', '-d', 'why', '-f'),
      call('echo-service/status/404', '-sf'),
      call('echo-service/status/404', '-sfS'),
    ])
    assert.deepEqual(plain, { code: 0, out: 'why', err: '' })
    assert.deepEqual(fail, { code: 22, out: '', err: 'sleuth: echo-service answered 404 Not Found\n' })
    assert.deepEqual(silent, { code: 22, out: '', err: '' })
    assert.deepEqual(shown, fail)
  })

  test('shows with -v which instance answered, and what was sent', async () => {
    const { code, out, err } = await call('-v', 'echo-service/x', '-H', 'a: b', '-d', 'y')
    assert.deepEqual([code, out], [0, 'y'])
    const time = String.raw`\d+(\.\d+)?m?s`
    for (const line of [
      String.raw`\* echo-service has 1 instance: only \(tcp://127\.0\.0\.1:\d+, version 1\.2\.0\)`,
      '> POST /x',
      '> host: echo-service',
      '> a: b',
      String.raw`\* attempt 1 at only \(.*\) answered 200 after ${time}`,
      '< HTTP/1.1 200 OK',
      '< x-method: POST',
      String.raw`\* 1 bytes; head after ${time}, end after ${time}`,
    ]) {
      assert.match(err, new RegExp(`^${line}$`, 'm'))
    }
  })

  test('shows with -v the attempts that failed, and why', async (t) => {
    const hang = (_: unknown, response: ServerResponse) => void slow.push(response)
    const [full, free] = await Promise.all([
      serve(port, 'full-service', hang, { name: 'full', maxInflight: 1 }),
      createSleuth({ interface: 'loopback', port, timeout: Infinity }),
    ])
    t.after(() => Promise.all([full.close(), free.close()]))
    await free.waitFor('full-service')
    const waits = slow.length
    const held = free.request('sleuth://full-service/', { retry: false })
    while (slow.length === waits) await new Promise((resolve) => setImmediate(resolve))
    const { code, err } = await call('-v', 'full-service/')
    slow.at(-1)?.end()
    await held
    assert.equal(code, 1)
    assert.match(err, /^\* attempt 1 at full \(.*\) failed after .*: the instance full.* is at capacity/m)
    assert.match(err, /^\* attempt 2 \(retry\) at full /m)
    assert.match(err, /^sleuth: the instance full.* is at capacity/m)
  })

  test('prints what -w asks for, also when the call fails', async () => {
    const format = String.raw`%{http_code} %{method} %{instance} %{version} %{attempts} %{size_download} %{time_total}%%\n`
    const [done, failed] = await Promise.all([
      call('echo-service/', '-d', 'four', '-o', join(folder, 'w'), '-w', format),
      call('nobody-service/', '--wait', '0', '-s', '-w', '%{http_code} %{exitcode} %{errormsg}'),
    ])
    assert.match(done.out, /^200 POST only 1\.2\.0 1 4 \d+\.\d{6}%\n$/)
    assert.match(failed.out, /^000 6 no instance of "nobody-service" is known/)
    const wrong = await call('echo-service/', '-w', '%{nonsense}')
    assert.equal(wrong.code, 2)
    assert.match(wrong.err, /--write-out knows no %\{nonsense\}: the variables are http_code, /)
  })

  test('follows redirects with -L alone', async () => {
    const [stay, follow] = await Promise.all([
      call('echo-service/redirect'),
      call('echo-service/redirect', '-L', '--json'),
    ])
    assert.equal(stay.out, 'there')
    assert.equal(JSON.parse(follow.out).headers['x-path'], '/target')
  })

  test('prints what comes, when it comes', async (t) => {
    const command = new SleuthCommand(['call', 'echo-service/slow'], port)
    t.after(() => command.kill())
    await command.prints(/^first\n$/)
    slow.at(-1)?.end('last\n')
    assert.deepEqual(await command.ends(), { code: 0, out: 'first\nlast\n', err: '' })
  })

  test('ends its request when it is interrupted', async (t) => {
    const command = new SleuthCommand(['call', 'echo-service/slow'], port)
    t.after(() => command.kill())
    await command.prints(/^first\n$/)
    const closed = once(slow.at(-1) as ServerResponse, 'close')
    assert.equal((await command.stop('SIGINT')).code, 130)
    await closed
    assert.equal(slow.at(-1)?.writableFinished, false)
  })

  test('fails when the body breaks off', async () => {
    const { code, out, err } = await call('echo-service/cut')
    assert.deepEqual([code, out], [1, 'begun\n'])
    assert.match(err, /^sleuth: .*echo-service/)
  })

  test('tells a service that is not there from one that is slow', async () => {
    const [nobody, late] = await Promise.all([
      call('nobody-service/', '--wait', '0.2'),
      call('slow-service/', '--timeout', '300ms'),
      serve(port, 'slow-service', () => {}).then((service) => void started.push(service)),
    ])
    assert.equal(nobody.code, 6)
    assert.match(nobody.err, /^sleuth: no instance of "nobody-service" is known.*"sleuth ls"/)
    assert.equal(late.code, 28)
    assert.match(late.err, /^sleuth: .*timed out after 300 ms/)
  })

  test('says what is wrong with its arguments', async () => {
    const cases: [args: string[], message: RegExp][] = [
      [[], /call needs a service and a path/],
      [['http://example.com/'], /calls services by name, .* not "http:\/\/example\.com\/"/],
      [['sleuth:///x'], /names no service/],
      [['a/', 'b/'], /call takes one address, and not "b\/"/],
      [['a/', '-H', 'nonsense'], /--header must be "Name: value", and is "nonsense"/],
      [['a/', '-d', 'x', '-T', 'y'], /--data and --upload-file exclude each other/],
      [['a/', '-I', '-d', 'x'], /--head sends no body/],
      [['a/', '-d', '@/nonsense'], /--data can't read \/nonsense: ENOENT/],
      [['a/', '-T', '/nonsense'], /--upload-file can't read \/nonsense: ENOENT/],
      [['a/', '--timeout', 'soon'], /--timeout must be a time/],
      [['me:secret@a/'], /names a user or password: send an authorization header instead/],
    ]
    await Promise.all(
      cases.map(async ([args, message]) => {
        const { code, out, err } = await call('--wait', '0', ...args)
        assert.deepEqual([code, out], [2, ''], `${args}: ${err}`)
        assert.match(err, message)
      }),
    )
  })
})

describe('call, which instance', () => {
  const service = 'routed-service'
  before(async () => {
    for (const [name, version, zone] of [
      ['old', '1.4.0', 'a'],
      ['new', '2.1.0', 'b'],
    ] as const) {
      const handler = (_: unknown, response: ServerResponse) => void response.end(name)
      started.push(await serve(port, service, handler, { name, version, meta: { zone } }))
    }
  })

  for (const [args, name] of [
    [['--version-range', '^2'], 'new'],
    [['--where', 'zone=a'], 'old'],
    [['--where', 'zone=b', '--version-range', '>=1'], 'new'],
    [['--prefer', 'zone=b'], 'new'],
  ] as const)
    test(`${args.join(' ')}`, async () => {
      for (let time = 0; time < 2; time++) {
        const { code, out, err } = await call(`${service}/`, ...args)
        assert.deepEqual([code, out], [0, name], err)
      }
    })

  test('--key and --prefer host', async () => {
    const answers = []
    for (let time = 0; time < 3; time++)
      answers.push((await call(`${service}/`, '--key', 'cart-7', '--prefer', 'host')).out)
    assert.equal(new Set(answers).size, 1)
    assert.match(answers[0] ?? '', /^(old|new)$/)
  })

  test('says what there is where none matches', async () => {
    const { code, err } = await call(`${service}/`, '--version-range', '^3', '--wait', '200ms')
    assert.equal(code, 6)
    assert.match(err, /matches version \^3; instances: .*1\.4\.0/)
  })

  test('refuses what is no range and no label', async () => {
    const range = await call(`${service}/`, '--version-range', 'newest')
    assert.equal(range.code, 2)
    assert.match(range.err, /version/)
    const label = await call(`${service}/`, '--where', 'zone')
    assert.equal(label.code, 2)
    assert.match(label.err, /--where must be a label, as in zone=a, and is "zone"/)
  })

  test('ls shows the labels', async () => {
    const { out } = await sleuth(['ls', service], port)
    assert.match(out, /READY\s+LABELS\n/)
    assert.match(out, / new .* 2\.1\.0 .* zone=b\n/)
  })

  test('bench measures one of them', async () => {
    const { code, out, err } = await sleuth(
      ['bench', `${service}/`, '-n', '20', '--version-range', '^2', '--json'],
      port,
    )
    assert.equal(code, 0, err)
    assert.equal(JSON.parse(out).calls, 20)
  })
})

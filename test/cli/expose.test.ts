import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createSleuth } from '@sleuth/core'
import { root } from '../package/workspace.js'
import { SleuthCommand, sleuth } from './command.js'
import { ports } from './ports.js'

const port = ports.expose
const app = join(root, 'examples/python/app.py')

/** A TCP port that nobody uses. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function run(t: TestContext, args: string[], input?: string): SleuthCommand {
  const command = new SleuthCommand(args, port, input === undefined ? {} : { input })
  // The command that it has started has its stdout, and would outlive a SIGKILL.
  t.after(() => command.stop('SIGTERM').catch(() => command.kill()))
  return command
}

/** A server in one line of JavaScript, which has `server`, and the port as its argument. */
function script(code: string): string[] {
  const serve =
    "const server = require('http').createServer((q, s) => s.end('app')).listen(+process.argv[1], '127.0.0.1');"
  return [process.execPath, '-e', `${serve}${code}`]
}

async function gateway(t: TestContext): Promise<{ at: number; command: SleuthCommand }> {
  const command = run(t, ['gateway', '--listen', '0', '--json'])
  const [line] = await command.prints(/^\{.*"event":"listening".*\}$/m)
  return { at: JSON.parse(line).port, command }
}

async function ask(
  at: number,
  path: string,
  method = 'GET',
  body?: AsyncIterable<Buffer>,
): Promise<IncomingMessage> {
  const agent = new Agent({ keepAlive: false })
  const req = request({ host: '127.0.0.1', port: at, path, method, agent })
  if (body === undefined) req.end()
  else {
    for await (const chunk of body) if (!req.write(chunk)) await once(req, 'drain')
    req.end()
  }
  const [res] = await once(req, 'response')
  return res
}

async function textOf(res: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of res) text += chunk
  return text
}

test('a server in Python is a service, and is called through the gateway', async (t) => {
  const at = await freePort()
  const args = ['comment-service', `http://127.0.0.1:${at}`, '--health', '/health']
  const exposed = run(t, ['expose', ...args, '--', 'python3', app, String(at)])
  const gate = await gateway(t)
  await exposed.prints(/is in the network/, 'err')
  const node = await createSleuth({ interface: 'loopback', port, name: 'node' })
  t.after(() => node.close())
  await node.waitFor('comment-service')
  const direct = await node.do('sleuth://comment-service/comments')
  assert.deepEqual(await direct.json(), {
    for: 'node',
    comments: [{ article: 'bears', text: 'I like bears' }],
  })

  // By a socket, as a program without a library would.
  const socket = connect(gate.at, '127.0.0.1')
  const body = '{"text":"so do I"}'
  socket.write(
    `POST /comments HTTP/1.1\r\nHost: comment-service.localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  socket.write('GET /events HTTP/1.1\r\nHost: comment-service.localhost\r\nConnection: close\r\n\r\n')
  let text = ''
  for await (const chunk of socket) text += chunk
  assert.match(
    text,
    /^HTTP\/1\.1 201 Created\r\n[\s\S]*HTTP\/1\.1 200 OK\r\n[\s\S]*data: \{[\s\S]*data: \{"text": "so do I"\}/,
  )
  assert.equal((await ask(gate.at, '/comment-service/nope')).statusCode, 404)

  // Python ends by SIGTERM, when nobody can call it any more.
  const down = new Promise((resolve) => node.once('down', resolve))
  exposed.child.kill('SIGTERM')
  await down
  assert.equal((await exposed.ends()).code, 143)
  assert.match(exposed.err, /has left the network: it stops/)
  assert.equal((await gate.command.stop('SIGTERM')).code, 0)
})

test('100 MB go up and come down, and neither process keeps them', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const at = await freePort()
  const serve =
    "require('http').createServer(async (q, s) => { let n = 0; for await (const c of q) n += c.length; " +
    "if (q.method === 'PUT') return s.end(String(n)); if (q.url === '/ready') return s.end(); " +
    "const c = Buffer.alloc(1e6); for (let i = 0; i < 100; i++) if (!s.write(c)) await new Promise((r) => s.once('drain', r)); s.end() })" +
    ".listen(+process.argv[1], '127.0.0.1')"
  const exposed = run(t, [
    'expose',
    'app',
    `http://127.0.0.1:${at}`,
    '--',
    process.execPath,
    '-e',
    serve,
    String(at),
  ])
  const gate = await gateway(t)
  await exposed.prints(/is in the network/, 'err')
  while ((await ask(gate.at, '/app/ready')).resume().statusCode !== 200);
  const processes = [exposed, gate.command].map(({ child }) => child.pid as number)
  const before = await Promise.all(processes.map(peak))
  async function* upload() {
    for (let i = 0; i < 100; i++) yield Buffer.alloc(1_000_000)
  }
  assert.equal(await textOf(await ask(gate.at, '/app/', 'PUT', upload())), '100000000')
  let read = 0
  for await (const chunk of await ask(gate.at, '/app/')) {
    read += chunk.length
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal(read, 100_000_000)
  const grown = (await Promise.all(processes.map(peak))).map((bytes, i) => bytes - (before[i] as number))
  for (const bytes of grown) assert.ok(bytes < 90e6, `a process grew by ${grown.join(' and ')} bytes`)
})

/** The most memory that a process has had, in bytes. */
async function peak(pid: number): Promise<number> {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}

test('a command that is killed takes its service with it, and its code is the exit code', async (t) => {
  const at = await freePort()
  const code = "console.log('pid', process.pid, '.')"
  const exposed = run(t, ['expose', 'killed', `http://127.0.0.1:${at}`, '--', ...script(code), String(at)])
  await exposed.prints(/is in the network/, 'err')
  const node = await createSleuth({ interface: 'loopback', port })
  t.after(() => node.close())
  await node.waitFor('killed')
  const down = new Promise((resolve) => node.once('down', resolve))
  const [, pid] = await exposed.prints(/pid (\d+) \./)
  process.kill(Number(pid), 'SIGKILL')
  await down
  assert.equal((await exposed.ends()).code, 137)
  assert.match(exposed.err, /has left the network: the command has ended/)
})

test('a command ends after the last request, and gets signals and stdin before', async (t) => {
  const at = await freePort()
  const code =
    "process.on('SIGHUP', () => console.log('hup')); process.stdin.on('data', (d) => console.log('stdin', String(d)));" +
    "process.on('SIGTERM', () => { console.log('term'); process.exit(7) });" +
    "server.removeAllListeners('request'); server.on('request', (q, s) => { if (q.url !== '/slow') return s.end('app');" +
    "console.log('begun'); s.writeHead(200); s.write('slow'); process.once('SIGUSR2', () => { console.log('answers'); s.end(' app') }) })"
  const exposed = run(
    t,
    ['expose', 'slow', `http://127.0.0.1:${at}`, '--', ...script(code), String(at)],
    'hello',
  )
  await exposed.prints(/stdin hello/)
  await exposed.prints(/is in the network/, 'err')
  const node = await createSleuth({ interface: 'loopback', port, timeout: 60_000 })
  t.after(() => node.close())
  await node.waitFor('slow')
  exposed.child.kill('SIGHUP')
  await exposed.prints(/hup/)
  const response = await node.do('sleuth://slow/slow')
  await exposed.prints(/begun/)
  const down = new Promise((resolve) => node.once('down', resolve))
  exposed.child.kill('SIGINT')
  await down
  exposed.child.kill('SIGUSR2')
  assert.equal(await response.text(), 'slow app')
  const { out, code: status } = await exposed.ends()
  assert.match(out, /answers\nterm\n/)
  assert.equal(status, 7)
})

test('a command that does not end is killed', async (t) => {
  const at = await freePort()
  const code = "process.on('SIGTERM', () => console.log('no'))"
  const options = ['stubborn', `http://127.0.0.1:${at}`, '--kill-after', '100ms']
  const exposed = run(t, ['expose', ...options, '--', ...script(code), String(at)])
  await exposed.prints(/is in the network/, 'err')
  assert.equal((await exposed.stop('SIGTERM')).code, 137)
  assert.match(exposed.out, /no/)
})

test('a second signal waits for nothing', async (t) => {
  const at = await freePort()
  const code = "process.on('SIGTERM', () => console.log('no'))"
  const options = ['stubborn', `http://127.0.0.1:${at}`, '--kill-after', '1h']
  const exposed = run(t, ['expose', ...options, '--', ...script(code), String(at)])
  await exposed.prints(/is in the network/, 'err')
  exposed.child.kill('SIGTERM')
  await exposed.prints(/no/)
  // It ends when its stdout is closed, which the command has as well.
  assert.equal((await exposed.stop('SIGTERM')).code, 143)
})

test('a command that ends before it serves ends it with its code', async () => {
  const at = await freePort()
  const args = ['expose', 'early', `http://127.0.0.1:${at}`, '--', process.execPath, '-e', 'process.exit(3)']
  const { code, out } = await sleuth(args, port)
  assert.deepEqual([code, out], [3, ''])
})

test('a server that is not there yet is waited for, and a signal ends it well', async (t) => {
  const at = await freePort()
  const exposed = run(t, ['expose', 'later', `http://127.0.0.1:${at}`, '--json'])
  const [line] = await exposed.prints(/^\{.*\}$/m, 'err')
  const { event, service, why } = JSON.parse(line)
  assert.deepEqual([event, service], ['waiting', 'later'])
  assert.match(why, /ECONNREFUSED/)
  assert.equal((await exposed.stop('SIGTERM')).code, 0)
})

test('what is wrong with the arguments is said', async () => {
  const url = 'http://127.0.0.1:1'
  for (const [args, message] of [
    [['name'], /needs a name and a URL/],
    [['name', 'https://127.0.0.1'], /without TLS/],
    [['name', url, 'python3'], /after --/],
    [['name', url, '--health', 'health'], /--health must be a path/],
    [['name', url, '--health-interval', 'x'], /--health-interval must be a time/],
    [['name', url, '--health-interval', '0'], /--health-interval must be a time from 100ms/],
    [['a b', url], /^sleuth: the name of the service must be able to stand as the host/],
    [['name', url, '--max-connections', '0'], /at least 1/],
    [['name', url, '--', 'no-such-command'], /no command "no-such-command"/],
    [['name', url, '--', join(root, 'package.json')], /package\.json" can't be run: it is no program/],
  ] as const) {
    const { code, err } = await sleuth(['expose', ...args], port)
    assert.equal(code, 2, err)
    assert.match(err, message)
  }
})

test('a name that no service can have ends it, and the command as well', async (t) => {
  const at = await freePort()
  const exposed = run(t, ['expose', 'a/b', `http://127.0.0.1:${at}`, '--', ...script(''), String(at)])
  const { code, err } = await exposed.ends()
  assert.equal(code, 2)
  assert.match(err, /service/)
})

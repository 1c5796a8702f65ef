import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { generateKeys } from '@sleuth/core'
import { root } from '../package/workspace.js'
import { EmulatedLink, emulatedLinkMissing, type LinkProperties, type Way } from './emulated-link.js'
import { describeUnless } from './missing.js'
import { type Host, ip } from './namespaces.js'
import { createRoutedSite } from './routed.js'

const run = promisify(execFile)
const port = 20_000 + (process.pid % 10_000)
const bin = join(root, 'packages/cli/bin/sleuth.js')
const core = join(root, 'packages/core/dist/index.js')

interface Place {
  readonly address: string
  command(command: readonly string[]): string[]
}

interface Finding {
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly text: string
  readonly remedy?: string
}

/** What a command line prints, whatever its exit code. */
async function output(command: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const [program = '', ...args] = command
  const { LANG, ...rest } = process.env
  const settings = { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '', SLEUTH_PORT: '', ...env }
  try {
    return (await run(program, args, { env: { ...rest, ...settings } })).stdout
  } catch (error) {
    const { stdout, code, stderr } = error as { stdout: string; code: number; stderr: string }
    if (code === 1 || code === 2) return stdout || stderr
    throw error
  }
}

/** The findings of `sleuth doctor` on a host, by the name of the check. */
async function doctor(
  host: Place,
  {
    args = [],
    env = {},
    before = [],
  }: { args?: string[]; env?: Record<string, string>; before?: string[] } = {},
): Promise<(check: string) => string> {
  const command = [
    process.execPath,
    bin,
    'doctor',
    '--json',
    '--interface',
    host.address,
    '--port',
    String(port),
    // A busy machine takes longer than a user would wait. What a test says comes last, and counts.
    '--wait',
    '6s',
    ...args,
  ]
  const text = await output(host.command([...before, ...command]), env)
  const findings: Finding[] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  for (const { status, remedy } of findings) assert.ok(status === 'ok' || remedy, text)
  return (check) =>
    findings
      .filter((finding) => finding.check === check)
      .map(({ status, text }) => `${status}: ${text}`)
      .join('\n')
}

/** Runs JavaScript on a host until the end of the test. Resolves when it has printed something. */
async function script(host: Place, code: string, stop: AbortSignal): Promise<number> {
  const [program = '', ...args] = host.command([process.execPath, '--input-type=module', '-e', code])
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: stop,
    killSignal: 'SIGKILL',
  })
  child.on('error', () => {})
  await once(child.stdout, 'data')
  return child.pid ?? 0
}

const service = (options: string, more = '') => `
  import { createSleuth } from '${core}'
  await createSleuth({ service: 'a-service', port: ${port}, handler: (req, res) => res.end(), ${options} })
  ${more}
  console.log('ready')`

interface Stage {
  readonly link: EmulatedLink
  readonly a: Host
  readonly b: Host
  readonly stop: AbortSignal
}

/** Two hosts with a link between them. Scripts on them end with the test. */
function onTwoHosts(use: (stage: Stage) => Promise<void>): () => Promise<void> {
  return async () => {
    const stop = new AbortController()
    const link = await EmulatedLink.create()
    try {
      const [a, b] = link.hosts
      await use({ link, a, b, stop: stop.signal })
    } finally {
      stop.abort()
      await link.delete()
    }
  }
}

const at = (host: Host, options = '', more = '') => service(`interface: '${host.address}', ${options}`, more)

/** One way of the link, or both, keeps something back while the doctor looks. */
function withBlocked(
  block: NonNullable<LinkProperties['block']>,
  use: (stage: Stage) => Promise<void>,
  both = false,
) {
  return onTwoHosts(async (stage) => {
    const way: Way = both ? 'both' : { from: stage.a }
    await stage.link.set(way, { block })
    await use(stage)
  })
}

const pair = async ({ a, b }: Pick<Stage, 'a' | 'b'>) =>
  Promise.all([a, b].map((host) => doctor(host, { args: ['--pair', 'bear', '--wait', '10s'] })))

describeUnless(await emulatedLinkMissing(), 'sleuth doctor on two hosts', { concurrency: 2 }, () => {
  test(
    'finds nothing wrong where nothing is',
    onTwoHosts(async ({ a, b, stop }) => {
      await script(b, at(b), stop)
      const said = await doctor(a)
      assert.match(
        said('hear-ourselves'),
        /^ok: this machine hears itself by broadcast, multicast, loopback$/,
      )
      assert.match(said('other-networks'), /^ok: one other node beacons/)
      assert.match(said('peers'), /^ok: one node can be reached, and can reach this machine$/)
      assert.match(said('packet-size'), /^ok: 64 KiB at once reach one node$/)
    }),
  )

  test(
    'a firewall there lets UDP pass and not TCP: it gets no answer',
    withBlocked('syn', async ({ a, b, stop }) => {
      await script(b, at(b), stop)
      const said = await doctor(a)
      assert.match(
        said('peers'),
        /^fail: a node at tcp:\/\/10\.77\.0\.2:\d+: a TCP connection to it gets no answer$/,
      )
    }),
  )

  test(
    'a firewall here lets UDP pass and not TCP: no connection comes in',
    withBlocked('syn', async ({ a, b, stop }) => {
      await script(a, at(a), stop)
      const said = await doctor(b)
      assert.match(
        said('peers'),
        /^fail: .*10\.77\.0\.1.*: it can be reached, and no connection from it comes in$/,
      )
    }),
  )

  test(
    'large packets vanish on the way there',
    withBlocked('large', async ({ a, b, stop }) => {
      await script(b, at(b), stop)
      const said = await doctor(a)
      assert.match(said('peers'), /^ok: one node/)
      assert.match(said('packet-size'), /^fail: a-service at .*: small messages arrive, and 64 KiB do not$/)
    }),
  )

  test(
    'a peer whose event loop blocks answers late',
    onTwoHosts(async ({ a, b, stop }) => {
      const block = 'setInterval(() => { for (const end = Date.now() + 400; Date.now() < end; ); }, 600)'
      await script(b, at(b, '', block), stop)
      assert.match((await doctor(a))('stalls'), /^warn: a-service at .*: answers take from/)
    }),
  )

  test(
    'others have keys, and a key is not let in',
    onTwoHosts(async ({ a, b, stop }) => {
      const folder = await mkdtemp(join(tmpdir(), 'sleuth-doctor-'))
      try {
        const [theirs, ours] = [generateKeys(), generateKeys()]
        await script(b, at(b, `security: ${JSON.stringify({ ...theirs, allow: [] })}`), stop)
        assert.match(
          (await doctor(a))('other-networks'),
          /warn: one node \(10\.77\.0\.2\) has keys, and the doctor has none/,
        )
        const file = join(folder, 'keys.env')
        await writeFile(join(folder, 'allowed'), `${theirs.publicKey}\n`)
        await writeFile(
          file,
          `SLEUTH_PUBLIC_KEY='${ours.publicKey}'\nSLEUTH_SECRET_KEY='${ours.secretKey}'\nSLEUTH_ALLOW=allowed\n`,
        )
        assert.match(
          (await doctor(a, { args: ['--keys', file] }))('peers'),
          /^fail: .*does not let our key in/,
        )
      } finally {
        await rm(folder, { recursive: true })
      }
    }),
  )

  test(
    'others are on another port, on another subnet, in another group, or of another version',
    onTwoHosts(async ({ a, b, stop }) => {
      await b.addAddress('10.99.0.2')
      await script(b, at(b, `port: ${port + 1}`), stop)
      await script(b, service("interface: '10.99.0.2'"), stop)
      await script(b, at(b, "group: 'blue', version: '1'"), stop)
      await script(b, at(b, "version: '1'"), stop)
      await script(b, at(b, "version: '2', wire: 1"), stop)
      const said = await doctor(a, { args: ['--ports', String(port + 1)] })
      assert.match(
        said('other-networks'),
        new RegExp(`warn: one node beacons on UDP port ${port + 1}, not on ${port}`),
      )
      assert.match(
        said('other-networks'),
        /warn: one node is heard from outside the subnet of veth0.*10\.99\.0\.2/,
      )
      assert.match(said('groups'), /warn: one node is in the group "blue"/)
      assert.match(
        said('versions'),
        /warn: a-service has instances of different versions: [12] \(1\), [12] \(1\)/,
      )
      assert.match(said('wires'), /warn: Node speaks wire 1 alone in a-service/)
    }),
  )

  test(
    'the system lets nothing be sent by broadcast, and knows no multicast',
    onTwoHosts(async ({ a }) => {
      await ip('-n', a.name, 'rule', 'add', 'lookup', 'local', 'pref', '100')
      await ip('-n', a.name, 'rule', 'del', 'pref', '0')
      await ip('-n', a.name, 'rule', 'add', 'to', '10.77.0.255', 'prohibit', 'pref', '10')
      const one = (await doctor(a, { args: ['--wait', '100ms'] }))('hear-ourselves')
      assert.match(
        one,
        /^ok: .* by multicast, loopback\nwarn: nothing can be sent by broadcast on veth0: .*EACCES/,
      )
      await ip('-n', a.name, 'link', 'set', 'lo', 'down')
      await ip('-n', a.name, 'rule', 'add', 'to', '224.0.0.250', 'prohibit', 'pref', '10')
      const two = (await doctor(a, { args: ['--wait', '100ms'] }))('hear-ourselves')
      assert.match(two, /warn: nothing can be sent by loopback|warn: what is sent by loopback/)
    }),
  )

  test(
    'another program has the port',
    onTwoHosts(async ({ a, stop }) => {
      const code = `import dgram from 'node:dgram'
        dgram.createSocket('udp4').bind(${port}, () => console.log('ready'))`
      const pid = await script(a, code, stop)
      const said = await doctor(a, { args: ['--wait', '100ms'] })
      assert.match(
        said('udp-port'),
        new RegExp(`^fail: UDP port ${port} is taken by node \\(process ${pid}\\)$`),
      )
      assert.match(said('peers'), /^fail: no node can join the network/)
    }),
  )

  test(
    'a process has too few descriptors, and is a pod without seeds',
    onTwoHosts(async ({ a }) => {
      const before = ['sh', '-c', 'ulimit -n 160; exec "$@"', 'sh']
      const said = await doctor(a, {
        args: ['--wait', '100ms'],
        before,
        env: { KUBERNETES_SERVICE_HOST: '10.96.0.1' },
      })
      assert.match(
        said('descriptors'),
        /^warn: 160 open files are allowed, enough for 10 peers; 0 peers are here$/,
      )
      assert.match(said('container'), /^warn: this is a pod in Kubernetes.*no seeds are set$/)
    }),
  )

  test(
    'seeds lead nowhere, to another program, or to a node',
    onTwoHosts(async ({ a, b, stop }) => {
      await script(b, at(b, 'listen: { port: 7001 }'), stop)
      await script(
        b,
        "import net from 'node:net'; net.createServer((s) => s.end('220 hello')).listen(7002, () => console.log('ready'))",
        stop,
      )
      const seeds = [
        'tcp://10.77.0.2:7001',
        'tcp://10.77.0.2:7002',
        'tcp://10.77.0.2:7003',
        'tcp://10.77.0.9:7001',
        'tcp://10.88.0.1:7001',
      ]
      const lines = (await doctor(a, { args: seeds.flatMap((seed) => ['--seed', seed]) }))('seeds').split(
        '\n',
      )
      for (const [index, pattern] of [
        /^ok: .* leads to one node that answers/,
        /^fail: .*another program answers there$/,
        /^fail: .*ECONNREFUSED/,
        /^fail: .*(EHOSTUNREACH|gets no answer)/,
        /^fail: .*no way to that address \(ENETUNREACH\)/,
      ].entries())
        assert.match(lines[index] ?? '', pattern)
    }),
  )

  test(
    'a service on this machine has its fixed port and its endpoint, and the doctor another',
    onTwoHosts(async ({ a, b, stop }) => {
      await script(a, at(a, 'listen: { port: 7001 }, advertise: "tcp://10.77.0.1:7001"'), stop)
      await script(b, at(b), stop)
      const said = await doctor(a, {
        env: { SLEUTH_LISTEN: '7001', SLEUTH_ADVERTISE: 'tcp://10.77.0.1:7001' },
      })
      assert.match(
        said('listen'),
        /^ok: a node listens at TCP port 7001 of 10\.77\.0\.1\nok: a node answers at tcp:\/\/10\.77\.0\.1:7001/,
      )
      assert.match(said('peers'), /^ok: 2 nodes can be reached, and can reach this machine$/)
      assert.match(said('packet-size'), /^ok: 64 KiB at once reach 2 nodes$/)
      const wrong = await doctor(a, {
        args: ['--wait', '100ms'],
        env: { SLEUTH_ADVERTISE: 'tcp://10.77.0.2:9' },
      })
      assert.match(wrong('listen'), /^warn: nobody answers at tcp:\/\/10\.77\.0\.2:9/)
    }),
  )

  test('behind NAT: a seed answers on our connection, and says why it can not connect', async () => {
    const site = await createRoutedSite()
    const stop = new AbortController()
    try {
      const { left, right, router } = site
      await output(router.command(['sh', '-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward']))
      const forward = `import { connect, createServer } from 'node:net'
        createServer((from) => {
          const to = connect(7001, '${right[0].address}')
          from.pipe(to).pipe(from)
          for (const each of [from, to]) each.on('error', () => {})
        }).listen(5671, () => console.log('ready'))`
      await script(router, forward, stop.signal)
      const options = `interface: '${right[0].address}', listen: { port: 7001 }, introspection: true`
      await script(right[0], service(options), stop.signal)
      const said = await doctor(left[0], { args: ['--seed', 'tcp://10.78.1.254:5671'] })
      assert.match(said('seeds'), /^ok: seed tcp:\/\/10\.78\.1\.254:5671 leads to one node that answers/)
      assert.match(
        said('peers'),
        /^warn: a-service at .*: it can't connect to this machine \(.+\), and answers on our connection$/,
      )
    } finally {
      stop.abort()
      await site.delete()
    }
  })

  test(
    '--pair: where nothing is wrong, each says so',
    onTwoHosts(async (stage) => {
      for (const said of await pair(stage)) {
        assert.match(
          said('pair'),
          /^ok: paired.*\nok: broadcast.*\nok: multicast.*\nok: TCP: each machine can connect to the other$/,
        )
      }
    }),
  )

  test(
    '--pair: datagrams pass one way alone, and both machines know which',
    withBlocked('udp', async (stage) => {
      const [one, two] = await pair(stage)
      assert.match(
        one?.('pair') ?? '',
        /fail: broadcast: 10\.77\.0\.1 hears .*, and .* does not hear 10\.77\.0\.1/,
      )
      assert.match(
        two?.('pair') ?? '',
        /fail: multicast: 10\.77\.0\.1 hears 10\.77\.0\.2, and 10\.77\.0\.2 does not hear 10\.77\.0\.1/,
      )
    }),
  )

  test(
    '--pair: broadcast passes and multicast does not: a warning, since nodes use both',
    withBlocked(
      'multicast',
      async (stage) => {
        for (const said of await pair(stage)) {
          assert.match(
            said('pair'),
            /ok: broadcast: both.*\nwarn: multicast: neither machine hears the other\nok: TCP/,
          )
        }
      },
      true,
    ),
  )

  test(
    '--pair: connections are made one way alone',
    withBlocked('syn', async (stage) => {
      const [one, two] = await pair(stage)
      assert.match(
        one?.('pair') ?? '',
        /fail: TCP: 10\.77\.0\.1 can't connect to 10\.77\.0\.2 \(no answer in 2 s\)/,
      )
      assert.match(two?.('pair') ?? '', /fail: TCP: no connection from 10\.77\.0\.1 comes in at 10\.77\.0\.2/)
    }),
  )

  test(
    '--pair: nothing passes, and each says that nobody was heard',
    withBlocked(
      'all',
      async (stage) => {
        for (const said of await pair(stage))
          assert.match(said('pair'), /^warn: no other machine with the word "bear" was heard/)
      },
      true,
    ),
  )

  test('--pair across a router: by address, datagrams do not pass, and TCP does', async () => {
    const site = await createRoutedSite()
    try {
      const [one, two] = [site.left[0], site.right[0]]
      const both = await Promise.all([
        doctor(one, { args: ['--pair', 'bear', '--wait', '10s', two.address] }),
        doctor(two, { args: ['--pair', 'bear', '--wait', '10s', one.address] }),
      ])
      for (const said of both) {
        assert.match(
          said('pair'),
          /fail: broadcast: neither[\s\S]*fail: multicast: neither[\s\S]*ok: TCP: each machine can connect/,
        )
      }
    } finally {
      await site.delete()
    }
  })
})

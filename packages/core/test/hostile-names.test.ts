import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SleuthError } from '#src/index.js'
import { sleuthError } from '#src/shared/errors.js'
import { plain } from '#src/shared/names.js'
import { sealEnvelope } from '#src/transport/go/envelope.js'
import { FakeNetwork } from './fake-network.js'
import { type Endpoint, join, settle } from './harness.js'
import { writePacket } from './transport/streams/frames.js'
import { requestFrame, responseFrame } from './transport/streams/harness.js'

const forged = 'ok\n{"level":60,"msg":"forged"}\u001b[2J\u0007\u0085\u2028\u202e\u2066\ud800'
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hidden = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]|forged|\p{Surrogate}/u

function announce(type: string, more: Record<string, string> = {}) {
  return (id: string) => ({ group: 'SLEUTH-v1', node: id, type, version: forged, ...more })
}

/** Peers whose every text is hostile, and that do all that leaves a line in a log. */
async function attack(network: FakeNetwork, { node, sleuth }: Endpoint): Promise<SleuthError[]> {
  const groups = ['SLEUTH-v1']
  const header = { 'sleuth-wire': '2', 'sleuth-name': forged }
  network.add({ name: forged, groups, headers: { group: 'SLEUTH-v1', node: forged } })
  network.add({ name: forged, groups, headers: announce(forged, header) })
  const old = network.add({ name: forged, groups, headers: announce('evil', { 'sleuth-name': forged }) })
  const peer = network.add({ name: forged, groups, headers: announce('evil2', header) })
  const say = (text: string | Buffer) => peer.whisper(node.id, text)
  say(forged)
  say(`SLEUTH-v1${forged}`)
  say(`SLEUTH-v1REPL${forged}`)
  for (const json of [
    forged,
    `{"${forged}"}`,
    JSON.stringify({ url: forged, method: forged, handle: forged }),
  ]) {
    for (const action of ['REPL', 'RECV'] as const) say(sealEnvelope('SLEUTH-v1', action, json))
  }
  say(writePacket(requestFrame(1, { method: forged, url: forged, headers: [forged, forged] })))
  say(writePacket(requestFrame(2, { url: '/throws' })))
  say(writePacket(requestFrame(3, { url: '/destroys' })))
  say(Buffer.from('\u0002broken'))
  await settle()
  node.failure = new Error('full')
  say(writePacket(requestFrame(4)))
  await settle()
  node.failure = undefined
  const errors: SleuthError[] = []
  const call = async (service: string, act: () => void) => {
    const calling = sleuth.request(`sleuth://${service}/`, { retry: false })
    await settle()
    act()
    await calling.catch((error) => errors.push(error))
  }
  await call('evil2', () =>
    say(writePacket({ kind: 'serviceReset', stream: lastStream(node), why: 'overloaded' })),
  )
  await call('evil2', () =>
    say(writePacket({ kind: 'serviceReset', stream: lastStream(node), why: 'destroyed' })),
  )
  await call('evil2', () => say(writePacket(responseFrame(1, { headers: [forged, forged] }))))
  await call('evil', () => old.vanish('expired'))
  await call('evil2', () => peer.vanish('lost'))
  await settle()
  return errors
}

function lastStream(node: Endpoint['node']): number {
  return node.sent.at(-1)?.content.readUInt32BE(2) ?? 0
}

describe('what peers call themselves', { timeout: 60_000 }, () => {
  const handler: Parameters<typeof join>[1] = {
    service: 'foo',
    timeout: 300,
    handler: (req, res) => {
      if (req.url === '/throws') throw new Error('thrown')
      if (req.url === '/destroys') res.destroy()
      else res.end()
    },
  }

  it('stands in no message, of the log or of an error', async () => {
    const network = new FakeNetwork()
    const member = await join(network, handler)
    const errors = await attack(network, member)
    const codes = new Set(errors.map(({ code }) => code))
    for (const code of ['SLEUTH_CUT', 'SLEUTH_PEER_GONE'] as const) {
      assert.ok(codes.has(code), `${code} of ${[...codes]}`)
    }
    const logged = new Set(member.lines.map(({ fields: { code }, message }) => code ?? message))
    for (const kind of [
      'SLEUTH_ADD',
      'SLEUTH_DISPATCH_ACTION',
      'SLEUTH_REQUEST_JSON',
      'SLEUTH_RESPONSE_JSON',
    ]) {
      assert.ok(logged.has(kind), `${kind} of ${[...logged]}`)
    }
    for (const message of [...member.lines, ...errors].map((line) => line.message)) {
      assert.doesNotMatch(message, hidden)
    }
  })

  it('is shown to nobody: a name that is not fit is the first digits of the id, a version unknown', async () => {
    const network = new FakeNetwork()
    const { sleuth, lines } = await join(network)
    const headers = announce('evil', { 'sleuth-name': 'x'.repeat(256) })
    const { id } = network.add({ groups: ['SLEUTH-v1'], headers })
    const [instance] = sleuth.services()[0]?.instances ?? []
    assert.deepEqual([instance?.name, instance?.version], [id.slice(0, 6), 'unknown'])
    assert.equal(lines.filter(({ message }) => message === 'sleuth: an instance is up').length, 1)
  })

  it('a service that nobody could call is counted and ignored, one with a name that the option takes is not', async () => {
    const network = new FakeNetwork()
    const { sleuth, lines } = await join(network)
    const bad = ['a b', 'a/b', 'a%20b', 'ü', 'a:1', 'a@b', forged, 'x'.repeat(256)]
    const good = ['a', 'Article_Service.v1~x', "-._~!$&'()*+,;=", 'x'.repeat(255)]
    for (const type of [...bad, ...good]) network.add({ groups: ['SLEUTH-v1'], headers: announce(type) })
    assert.deepEqual(
      sleuth.services().map(({ service }) => service),
      good,
    )
    assert.equal(sleuth.stats().dropped.SLEUTH_ADD, bad.length)
    const told = lines.find(({ fields }) => fields.code === 'SLEUTH_ADD')
    assert.equal((told?.fields as { service?: string } | undefined)?.service, bad[0])
  })
})

describe('a peer that joins and leaves without end', () => {
  it('leaves five lines a second of each kind, and then how many there were', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const network = new FakeNetwork()
    const { sleuth, lines } = await join(network)
    const peer = network.add({ groups: ['SLEUTH-v1'], headers: announce('evil') })
    let ups = 0
    sleuth.on('up', () => ups++)
    for (let count = 0; count < 1000; count++) {
      peer.leave('SLEUTH-v1')
      peer.join('SLEUTH-v1')
    }
    const flapping = () => lines.filter(({ message }) => / an instance is | more of /.test(message))
    assert.deepEqual([ups, flapping().length], [1000, 10])
    t.mock.timers.tick(1000)
    assert.deepEqual(
      flapping()
        .slice(10)
        .map(({ message }) => message),
      [
        'sleuth: 996 more of "an instance is up" within a second',
        'sleuth: 995 more of "an instance is down" within a second',
      ],
    )
  })
})

describe('what stands in a message', () => {
  it('is escaped where it is hidden, and cut where it is long', () => {
    assert.equal(plain('a\nb\u001b[2J\u202e\ud800é😀'), 'a\\u000ab\\u001b[2J\\u202e\\ud800é😀')
    assert.equal(plain('x'.repeat(2000)), `${'x'.repeat(1000)}…`)
    const { message } = sleuthError('SLEUTH_UNKNOWN_SERVICE', { service: forged.replace('forged', '') })
    assert.doesNotMatch(message, hidden)
  })
})

import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { createSleuth, type Sleuth, type SleuthStats } from '@sleuth/core'
import { beacon, greeting, open, portOf, RawPeer, sendDatagrams } from './raw-peer.js'

const PORT = 25_741
/** Bytes by which the node may have grown when all attacks are over. */
const MOST_GROWTH = 150 * 1024 * 1024

interface Report {
  stats: SleuthStats
  memory: number
}

let child: ChildProcess
let good: Sleuth
let target: { id: string; port: number }
let first: Report
let goodId = ''
let calls = 0
let calling = true
const failures: unknown[] = []
let load: Promise<unknown>

async function report(): Promise<Report> {
  child.send('report')
  const [told] = await once(child, 'message')
  return told as Report
}

/** Waits until the node has counted something so often since the attack began. */
async function counted(before: Report, reason: string, times = 1): Promise<void> {
  const at = (seen: Report) => seen.stats.dropped[reason] ?? 0
  for (;;) {
    const now = await report()
    if (at(now) - at(before) >= times) return
    await sleep(20)
  }
}

/** A good peer calls all the while. */
async function call(): Promise<void> {
  while (calling) {
    try {
      const { body } = await good.request('sleuth://target/', { timeout: 5000 })
      assert.equal(body.toString(), 'here')
      calls++
    } catch (error) {
      failures.push(error)
    }
    await sleep(2)
  }
}

/** It tells its id when it has joined. */
function noteId(fields: { id?: string }): void {
  goodId ||= fields.id ?? ''
}

function idOf(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}

/** Wire 2: a request, and any frame. */
function packetFrame(kind: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head[0] = kind
  head.writeUInt32BE(stream, 1)
  head.writeUInt32BE(payload.length, 5)
  return Buffer.concat([head, payload])
}

function request(stream: number, url: string, body = Buffer.alloc(0), end = false): Buffer {
  const head = Buffer.alloc(4 + 2 + 3 + 4 + url.length + 2)
  head.writeUInt16BE(3, 4)
  head.write('PUT', 6)
  head.writeUInt32BE(url.length, 9)
  head.write(url, 13)
  return packetFrame(end ? 0x81 : 0x01, stream, Buffer.concat([head, body]))
}

const packet = (...frames: Buffer[]) => Buffer.concat([Buffer.of(2), ...frames])

/** A peer that has said HELLO. */
async function peer(id?: Buffer): Promise<RawPeer> {
  const raw = await RawPeer.open(target.port, id)
  raw.hello()
  return raw
}

describe('a node that is attacked while a good peer calls it', { timeout: 25_000 }, () => {
  before(async () => {
    child = fork(fileURLToPath(new URL('service.js', import.meta.url)), [String(PORT)])
    await once(child, 'message')
    const logger = { trace() {}, debug() {}, warn() {}, error() {}, info: noteId }
    good = await createSleuth({ interface: 'loopback', port: PORT, logger })
    await good.waitFor('target', { timeout: 20_000 })
    const [instance] = good.services()[0]?.instances ?? []
    assert.ok(instance)
    target = { id: instance.id, port: portOf(instance.endpoint) }
    load = Promise.all(Array.from({ length: 4 }, call))
    first = await report()
  })

  after(async () => {
    calling = false
    await load
    await good.close()
    child.send('stop')
    await once(child, 'exit')
  })

  it('by random datagrams', async () => {
    const before = await report()
    await sendDatagrams(
      PORT,
      Array.from({ length: 2000 }, (_, count) => randomBytes(count % 64)),
    )
    await counted(before, 'beacon-signature')
  })

  it('by forged beacons that say that it stops: its caller keeps it', async () => {
    const seen = () => good.stats().dropped['forged-stop'] ?? 0
    const before = seen()
    while (seen() < before + 2) {
      await sendDatagrams(
        PORT,
        Array.from({ length: 20 }, () => beacon(idOf(target.id), 0)),
      )
      await sleep(20)
    }
    assert.equal(good.services().length, 1)
  })

  it('by beacons of nodes that are not there', async () => {
    const before = await report()
    const invented = Array.from({ length: 3000 }, (_, count) => beacon(randomBytes(16), 1024 + count))
    await sendDatagrams(PORT, invented)
    await counted(before, 'greeting-limit')
  })

  it('by a beacon that claims its place', async () => {
    const seen = () => good.stats().dropped['endpoint-taken'] ?? 0
    const before = seen()
    await sendDatagrams(PORT, [beacon(randomBytes(16), target.port)])
    while (seen() === before) await sleep(20)
    await sleep(2500)
    assert.equal(good.services()[0]?.instances[0]?.id, target.id)
  })

  it('by garbage, half-open connections and handshakes without end at its inbox', async () => {
    const sockets: Socket[] = []
    for (let count = 0; count < 200; count++) sockets.push(await open(target.port))
    for (const [index, socket] of sockets.entries()) {
      if (index % 4 === 0) socket.write(randomBytes(500))
      if (index % 4 === 1) socket.write(greeting.subarray(0, 1 + (index % 63)))
      if (index % 4 === 2) socket.write(Buffer.concat([greeting, Buffer.from([4, 200, 5])]))
    }
    const before = calls
    while (calls < before + 100) await sleep(20)
    for (const socket of sockets) socket.destroy()
  })

  it('by messages cut short, and HELLOs that claim what is not there', async () => {
    const before = await report()
    const raw = await RawPeer.open(target.port)
    raw.say(1, Buffer.from([200, 1, 2]))
    raw.hello(undefined, Buffer.from([0xff, 0xff, 0xff, 0xff, 0]))
    raw.hello('tcp://192.0.2.1:80')
    await counted(before, 'message-truncated', 2)
    await counted(before, 'hello-endpoint')
    raw.close()
  })

  it('by sequences that are replayed and reordered', async () => {
    const before = await report()
    const raw = await peer()
    raw.say(6, Buffer.alloc(0), [], 2)
    raw.say(6, Buffer.alloc(0), [], 2)
    await counted(before, 'duplicate')
    raw.hello()
    raw.say(6, Buffer.alloc(0), [], 9)
    await counted(before, 'gap')
    raw.close()
  })

  it('by gzip bombs, replies that nobody waits for, and requests that name another', async () => {
    const message = (action: string, json: Buffer) =>
      Buffer.concat([Buffer.from(`SLEUTH-v1${action}`), gzipSync(json)])
    const bomb = message('REPL', Buffer.alloc(32 * 1024 * 1024))
    const before = await report()
    const raw = await peer()
    for (let count = 0; count < 20; count++) raw.whisper(bomb)
    await counted(before, 'SLEUTH_TOO_LARGE', 20)
    raw.whisper(message('RECV', Buffer.from('{"handle":"1","code":200,"body":"","header":{}}')))
    await counted(before, 'SLEUTH_RECV')
    const stolen = {
      destination: good.services()[0]?.service,
      handle: '1',
      method: 'GET',
      url: '/',
      header: {},
    }
    raw.whisper(message('REPL', Buffer.from(JSON.stringify(stolen))))
    await counted(before, 'SLEUTH_DESTINATION')
    raw.close()
  })

  it('by packets that are none, streams without end, and bodies beyond the window', async () => {
    const before = await report()
    const raw = await peer()
    raw.whisper(packet(randomBytes(40)))
    raw.whisper(Buffer.concat([Buffer.of(2), Buffer.alloc(5 * 1024 * 1024)]))
    await counted(before, 'SLEUTH_PACKET', 2)
    for (let stream = 0; stream < 200; stream++) raw.whisper(packet(request(stream, '/hang')))
    await counted(before, 'peer-streams', 150)
    const part = Buffer.alloc(256 * 1024)
    for (let stream = 0; stream < 50; stream++) raw.whisper(packet(packetFrame(0x03, stream, part)))
    await counted(before, 'peer-buffered')
    raw.whisper(packet(packetFrame(0x03, 1, Buffer.alloc(1024 * 1024))))
    raw.whisper(packet(request(1000, `/${'u'.repeat(20_000)}`)))
    await counted(before, 'SLEUTH_REQUEST_HTTP')
    raw.close()
  })

  it('by a sender that takes its time', async () => {
    const before = await report()
    const raw = await peer()
    raw.whisper(packet(request(7, '/hang')))
    await counted(before, 'slow-request')
    raw.close()
  })

  it('fails no call of the good peer, and does not grow beyond bounds', async () => {
    const last = await report()
    assert.deepEqual(failures, [])
    assert.ok(calls > 1000, `${calls} calls`)
    const growth = last.memory - first.memory
    assert.ok(growth < MOST_GROWTH, `grown by ${Math.round(growth / 2 ** 20)} MiB`)
  })

  it('under the routing id of its caller: that one is cut off, and recovers', async () => {
    const before = await report()
    const thief = await RawPeer.open(target.port, idOf(goodId))
    thief.say(2, Buffer.alloc(0), [packet()], 30_000)
    await counted(before, 'gap')
    thief.close()
    const done = calls
    while (calls < done + 100) await sleep(20)
  })
})

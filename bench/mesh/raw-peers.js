// Peers that say HELLO, answer PING, and beacon as rarely as nodes of a large network do. Arguments: how many, and the UDP port.
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { Context, Dealer, Router } from 'zeromq'

const [count, udpPort] = process.argv.slice(2).map(Number)
/** Beacons a second of all together, once they are met. */
const BEACONS = 2.5
/** A node meets so many new ones of one address at a time. */
const AT_A_TIME = 64

const SIGNATURE = 0xaaa1
const VERSION = 2
const HELLO = 1
const PING = 6
const PING_OK = 7
const HEAD_BYTES = 6

const context = new Context({ maxSockets: 4 * count })
const udp = createSocket('udp4')
const short = (text) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)])
const long = (text) => Buffer.concat([number(text.length), Buffer.from(text)])

function number(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function head(type, sequence) {
  const bytes = Buffer.alloc(HEAD_BYTES)
  bytes.writeUInt16BE(SIGNATURE)
  bytes[2] = type
  bytes[3] = VERSION
  bytes.writeUInt16BE(sequence, 4)
  return bytes
}

/** As that of sleuth for Go. */
function hello(id, endpoint) {
  const headers = { group: 'SLEUTH-v1', node: id, type: 'mesh', version: '1' }
  const fields = Object.entries(headers).flatMap(([name, value]) => [short(name), long(value)])
  const groups = [number(1), long('SLEUTH-v1'), Buffer.of(1)]
  const count = number(Object.keys(headers).length)
  return Buffer.concat([head(HELLO, 1), short(endpoint), ...groups, short(id.slice(0, 6)), count, ...fields])
}

class RawPeer {
  #id = randomBytes(16)
  #inbox = new Router({ context, linger: 0 })
  #mailbox
  #sequence = 1
  #beacon
  isMet = false

  async open() {
    await this.#inbox.bind('tcp://127.0.0.1:*')
    const port = Buffer.alloc(2)
    port.writeUInt16BE(Number(this.#inbox.lastEndpoint.split(':').at(-1)))
    this.#beacon = Buffer.concat([Buffer.from('ZRE\x01'), this.#id, port])
    void this.#read()
  }

  beacon() {
    udp.send(this.#beacon, udpPort, '127.0.0.1')
  }

  async #read() {
    for await (const [, frame] of this.#inbox) {
      if (frame[2] === HELLO) await this.#answer(frame)
      else if (frame[2] === PING) await this.#mailbox?.send(head(PING_OK, ++this.#sequence))
    }
  }

  async #answer(frame) {
    if (this.#mailbox !== undefined) return
    const endpoint = frame.toString('latin1', HEAD_BYTES + 1, HEAD_BYTES + 1 + frame[HEAD_BYTES])
    const routingId = Buffer.concat([Buffer.of(1), this.#id])
    this.#mailbox = new Dealer({ context, linger: 0, routingId })
    this.#mailbox.connect(endpoint)
    await this.#mailbox.send(hello(this.#id.toString('hex').toUpperCase(), this.#inbox.lastEndpoint))
    this.isMet = true
  }
}

async function start() {
  const peers = Array.from({ length: count }, () => new RawPeer())
  for (const peer of peers) await peer.open()
  for (let left = peers; left.length > 0; left = left.filter(({ isMet }) => !isMet)) {
    for (const peer of left.slice(0, AT_A_TIME)) peer.beacon()
    await sleep(100)
  }
  for (let next = 0; ; next = (next + 1) % count) {
    peers[next].beacon()
    await sleep(1000 / BEACONS)
  }
}

process.once('message', start)

import assert from 'node:assert/strict'
import { encode } from '#src/membership/format.js'
import type { MemberRecord } from '#src/membership/record.js'
import { Process } from './process.js'
import { inThread } from './thread.js'
import { World } from './world.js'

const { describe, it } = inThread(import.meta.url)

const INVENTED = 100
const FIRST_PORT = 100
const WIRE_2 = 2

/** Records of nodes that do not exist, between the others on the ring and on a host where they would be allowed: some offer a service of their own, the others one that there is. */
function invented(host: string): MemberRecord[] {
  return Array.from({ length: INVENTED }, (_, at) => ({
    id: Math.floor((at * 256) / INVENTED)
      .toString(16)
      .padStart(2, '0')
      .toUpperCase()
      .padEnd(32, 'C'),
    incarnation: 1,
    endpoint: `tcp://${host}:${FIRST_PORT + at}`,
    foreign: false,
    unreachable: false,
    wire: 2,
    service: at % 2 === 0 ? 'service-3' : `invented-${at}`,
    version: '1.0.0',
    name: `c${at}`,
    publicKey: '',
    meta: '',
  }))
}

/** A packet of wire 2 with the records. */
function lie(host: string): Buffer {
  const told = invented(host).map((record) => ({ record, age: 0 }))
  const frames = encode({ type: 'know', told }).map(({ kind, bytes }) => {
    const head = Buffer.alloc(9)
    head[0] = kind
    head.writeUInt32BE(bytes.length, 5)
    return Buffer.concat([head, bytes])
  })
  return Buffer.concat([Buffer.of(WIRE_2), ...frames])
}

describe('a liar in a network of four', () => {
  it(`that tells of ${INVENTED} nodes parts no link, offers no instance, and slows no call down`, async () => {
    const world = new World({ seed: 5 })
    await world.inside(async () => {
      const all = Array.from({ length: 4 }, (_, at) => {
        const options = { endpoint: undefined, go: false, maxQueueSize: 2 ** 20, retry: {} }
        const service = `service-${at}`
        return new Process(world, `n${at}`, { ...options, service, links: 'auto' }, (req, res) =>
          res.end(req.url),
        )
      })
      await world.run(3000)
      const [liar, ...others] = all.toReversed() as [Process, ...Process[]]
      let attempts = 0
      let greetings = 0
      const exits: string[] = []
      for (const { virtual, name } of others) {
        const { node } = virtual
        const link = node.link.bind(node)
        node.link = (found) => {
          attempts++
          return link(found)
        }
        const found = node.found.bind(node)
        node.found = (hint) => {
          if (hint.id.endsWith('CCCC')) greetings++
          found(hint)
        }
        node.on('exit', (_, reason) => exits.push(`${name}: ${reason}`))
      }
      const content = lie(new URL(liar.virtual.node.endpoint).hostname)
      let answers = 0
      const failures: string[] = []
      // Longer than a link that nobody wants stays.
      for (let time = 0; time < 90; time++) {
        world.soon(liar, () => {
          if (time % 10 === 0) for (const { id } of others) liar.virtual.node.whisper(id, [content])
        })
        for (const one of others)
          world.soon(one, () => {
            one.sleuth.request('sleuth://service-3/x', { timeout: 500 }).then(
              () => answers++,
              ({ code }) => failures.push(code),
            )
          })
        await world.run(1000)
        const seen = others.map(
          ({ sleuth }) => sleuth.services().flatMap(({ instances }) => instances).length,
        )
        assert.deepEqual(seen, [3, 3, 3])
      }
      // The lies have arrived.
      assert.ok(greetings >= 3 * INVENTED, `${greetings} greetings`)
      assert.ok(others.every(({ sleuth }) => sleuth.stats().peers === 3))
      assert.deepEqual([attempts, exits], [0, []])
      assert.deepEqual([answers, failures], [90 * 3, []])
    })
  })
})

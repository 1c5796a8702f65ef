import { type RawPeer, Zre } from '../raw-peer.js'
import type { Attack, Scene } from '../scene.js'

const MiB = 1024 * 1024
const none = Buffer.alloc(0)

/** A group list or a table of headers that has as many entries as it says, all of them empty. */
function counted(count: number, entryBytes: number): Buffer {
  const bytes = Buffer.alloc(4 + count * entryBytes)
  bytes.writeUInt32BE(count)
  return bytes
}

function by(attack: (raw: RawPeer, scene: Scene) => void) {
  return async (scene: Scene) => attack(await scene.connect(), scene)
}

/** Messages of ZRE. */
export const messages: Attack[] = [
  {
    name: 'messages cut short, of another version, of no known kind',
    shows: { 'message-truncated': 3, 'message-signature': 1, 'message-version': 1, 'unknown-message': 1 },
    run: by((raw) => {
      raw.hello()
      raw.sayFrames([Buffer.of(0xaa)])
      raw.say(Zre.hello, Buffer.of(200, 1, 2), [], 2)
      raw.say(Zre.join, none, [], 2)
      raw.sayFrames([Buffer.of(0xaa, 0xa0, Zre.ping, 2, 0, 2)])
      raw.sayFrames([Buffer.of(0xaa, 0xa1, Zre.ping, 3, 0, 2)])
      raw.say(99, none, [], 2)
    }),
  },
  {
    name: 'HELLOs that lie about counts, with too many groups or headers',
    shows: { 'message-truncated': 4 },
    run: by((raw) => {
      const [noGroups, name] = [Buffer.alloc(4), Buffer.alloc(2)]
      raw.hello(undefined, Buffer.from([0xff, 0xff, 0xff, 0xff, 0]))
      raw.hello(undefined, Buffer.concat([noGroups, name, Buffer.alloc(4, 0xff)]))
      raw.hello(undefined, Buffer.concat([counted(4097, 4), Buffer.alloc(6)]))
      raw.hello(undefined, Buffer.concat([noGroups, name, counted(1025, 5)]))
    }),
  },
  {
    name: 'HELLOs from elsewhere, of the node itself, of one whose place is taken, and out of turn',
    shows: { 'hello-endpoint': 3, 'own-identity': 1, 'endpoint-taken': 1, 'hello-sequence': 1 },
    run: async (scene) => {
      const raw = await scene.connect()
      raw.hello('tcp://192.0.2.1:80')
      raw.hello('tcp://example.org:80')
      raw.hello(`tcp://127.0.0.1:${scene.targetPort}`)
      raw.hello(`tcp://127.0.0.1:${scene.good.port}`)
      raw.say(Zre.hello, Buffer.concat([Buffer.of(0), Buffer.alloc(10)]), [], 7)
      await scene.peer(scene.targetId)
    },
  },
  {
    name: 'messages before HELLO, replayed, and out of order',
    shows: { 'unknown-peer': 1, duplicate: 1, 'before-hello': 1, gap: 1, 'status-mismatch': 1 },
    run: async (scene) => {
      const raw = await scene.connect()
      raw.say(Zre.ping, none, [], 2)
      raw.hello()
      raw.say(Zre.ping, none, [], 2)
      raw.say(Zre.ping, none, [], 2)
      raw.say(Zre.ping, none, [], 3)
      raw.hello()
      raw.say(Zre.ping, none, [], 9)
      raw.hello()
      raw.say(Zre.join, Buffer.of(1, 0x67, 200), [], 2)
    },
  },
  {
    name: 'JOINs of groups without end, with the longest of names, as soon as it is greeted',
    shows: { 'group-limit': 904 },
    run: by(async (raw) => {
      raw.hello()
      await raw.greeted
      for (let status = 1; status <= 5000; status++) {
        const name = String(status).padEnd(255, 'x')
        raw.say(Zre.join, Buffer.concat([Buffer.of(255), Buffer.from(name), Buffer.of(status & 0xff)]))
      }
    }),
  },
  {
    name: 'HELLOs with the largest of keys, each another, 200 times',
    shows: { encrypted: 200 },
    run: by((raw) => {
      const [name, size] = ['X-PUBLICKEY', 200 * 1024]
      const head = Buffer.concat([
        Buffer.alloc(9),
        Buffer.of(1, name.length),
        Buffer.from(name),
        Buffer.alloc(4),
      ])
      head.writeUInt32BE(size, head.length - 4)
      for (let count = 0; count < 200; count++)
        raw.hello(undefined, Buffer.concat([head, Buffer.alloc(size, 97 + (count % 26))]))
    }),
  },
  {
    name: 'WHISPERs of 10,000 frames',
    shows: { SLEUTH_DISPATCH_HEADER: 20 },
    run: by(async (raw) => {
      const frames = Array.from({ length: 10_000 }, () => none)
      await raw.meet()
      for (let count = 0; count < 20; count++) raw.whisper(...frames)
    }),
  },
  {
    name: 'HELLO after HELLO, 2000 times',
    shows: { gap: 1 },
    run: by((raw) => {
      for (let count = 0; count < 2000; count++) raw.hello()
      raw.say(Zre.ping, none, [], 9)
    }),
  },
  {
    name: 'PING after PING that nobody reads the answers to, 5000 times',
    shows: { gap: 1 },
    run: by(async (raw) => {
      await raw.meet()
      raw.deaf = true
      for (let count = 0; count < 5000; count++) raw.say(Zre.ping, none)
      raw.say(Zre.ping, none, [], 20_000)
    }),
  },
  {
    name: 'a message of many frames, larger than any may be',
    shows: { 'message-size': 1 },
    run: by(async (raw) => {
      await raw.meet()
      raw.whisper(...Array.from({ length: 65 }, () => Buffer.alloc(MiB)))
    }),
  },
]

import assert from 'node:assert/strict'
import { Emission } from '../../packages/core/dist/events/emission.js'
import { EventBus } from '../../packages/core/dist/events/event-bus.js'
import {
  decodeEvent,
  decodeTopics,
  EventKind,
  encodeEvent,
  encodeTopics,
} from '../../packages/core/dist/events/format.js'
import { matches, patternProblem, topicProblem } from '../../packages/core/dist/events/topic.js'
import { checkOptions } from '../../packages/core/dist/shared/options/options.js'
import { Counters } from '../../packages/core/dist/shared/stats.js'
import { Data } from '../lib/data.js'
import { events } from '../lib/vectors.js'

const GROUP = 'SLEUTH-v1'
const IDS = ['A', 'B', 'C'].map((digit) => digit.repeat(32))
const TOPICS = ['a', 'a.b', 'a.b.c', 'ä']
const PATTERNS = ['a', 'a.*', '>', 'a.>', '*.b.*']
const MAX_STEPS = 100
const MAX_QUEUE = 2048

const options = checkOptions({
  limits: { event: 1024, eventQueue: MAX_QUEUE, patterns: 3 },
  logLevel: 'silent',
})
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
const peers = new Map(
  IDS.map((id, at) => [
    id,
    {
      id,
      name: id.slice(0, 6),
      groups: new Set(at === 2 ? [] : [GROUP]),
      headers: new Map([
        ['sleuth-wire', '2'],
        ['group', GROUP],
        ['node', id],
        ['type', 'foo'],
      ]),
    },
  ]),
)

/** Subscriptions and events of peers, as bytes, and all else that may happen to a node, in any order. */
export default {
  seeds: () => [
    // A listener, and then each payload by the first peer.
    ...events.map(({ kind, payload }) =>
      Buffer.concat([Buffer.of(1, 2, kind === EventKind.topics ? 2 : 3, 0, 0, payload.length), payload]),
    ),
    Buffer.of(2, 0, 0, 5, 0, 1, 1, 62, 0, 1, 30, 0, 1, 40, 4, 0),
  ],

  async run(bytes) {
    const data = new Data(bytes)
    const sent = []
    let waiting = []
    let room = 0
    let heard = 0
    const counters = new Counters()
    const bus = new EventBus({
      options,
      counters,
      log: silent,
      call: (listener, event) => listener(event),
      came: () => heard++,
      rank: (id) => (id === IDS[0] ? 2 : 0),
    })
    const way = (id) => ({
      roomFor: (flowing) => {
        if (room === 0) waiting.push(flowing)
        const given = room
        room = 0
        return given
      },
      control: (kind, _number, payload) => sent.push({ id, kind, payload }),
    })
    bus.join({
      node: { peers: () => [...peers.values()], peer: (id) => peers.get(id), on: () => {} },
      self: { id: 'E'.repeat(32), service: undefined },
      peerOf: ({ id }) => ({ id }),
      way,
      send: (_peer, kind, payload) => {
        assert.equal(kind, EventKind.topics)
        assert.ok(decodeTopics(payload) !== undefined)
      },
      subscribes: () => {},
    })
    const own = []
    const emits = []
    for (let steps = 0; steps < MAX_STEPS && data.left > 0; steps++) {
      const what = data.u8() % 7
      const id = IDS[data.u8() % IDS.length]
      if (what === 0) {
        const emission = new Emission({
          topic: data.pick(TOPICS),
          data: data.part(),
          to: data.pick(['each', 'all', new Set(['foo'])]),
          headers: [],
          waitFor: data.u8() % 2,
          signal: undefined,
        })
        emits.push(bus.emit(emission).catch(({ code }) => assert.equal(code, 'SLEUTH_TOO_LARGE')))
      } else if (what === 1) {
        try {
          own.push(bus.subscribe(data.pick(PATTERNS), () => data.u8() % 2 === 0 && Promise.resolve(), 1))
        } catch ({ code }) {
          assert.equal(code, 'SLEUTH_PATTERNS')
        }
      } else if (what === 2) {
        const payload = data.part()
        sameTopics(payload)
        bus.receive(peers.get(id), EventKind.topics, payload)
      } else if (what === 3) {
        const payload = data.part()
        sameEvent(payload)
        bus.receive(peers.get(id), EventKind.event, payload)
      } else if (what === 4) bus.gone(id)
      else if (what === 5) own.pop()?.close()
      else {
        room = data.u16()
        for (const flowing of waiting.splice(0)) flowing.flow()
        room = 0
      }
      for (const { payload } of sent.splice(0)) assert.ok(decodeEvent(payload) !== undefined)
    }
    bus.leave()
    bus.close()
    waiting = []
    await Promise.all(emits)
    await bus.drained()
    assert.ok(heard <= counters.eventsReceived)
  },
}

function sameTopics(payload) {
  const read = decodeTopics(payload)
  if (read === undefined) return
  assert.deepEqual(decodeTopics(encodeTopics(read)), read)
  for (const pattern of read) assert.equal(patternProblem(pattern), undefined)
}

function sameEvent(payload) {
  const read = decodeEvent(payload)
  if (read === undefined) return
  assert.deepEqual(decodeEvent(encodeEvent(read)), read)
  assert.equal(topicProblem(read.topic), undefined)
  const words = read.topic.split('.')
  assert.ok(matches(words, words) && matches(['>'], words))
}

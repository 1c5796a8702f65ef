import assert from 'node:assert/strict'
import { decode, encode, keyOf, MAX_PAYLOAD } from '../../packages/core/dist/membership/format.js'
import { createState } from '../../packages/core/dist/membership/state.js'
import { dueAt, step } from '../../packages/core/dist/membership/step.js'
import { Data } from '../lib/data.js'
import { members } from '../lib/vectors.js'

const IDS = ['A', 'B', 'C', 'D'].map((digit) => digit.repeat(32))
const US = 'E'.repeat(32)
const SERVICES = ['', 'foo', 'bar']
const MAX_RECORDS = 8
const MAX_STEPS = 100

/** What members tell each other, as bytes, and all else that may happen to a member, in any order. */
export default {
  seeds: () => [
    // Two links, then each message over the first.
    ...members.map(({ kind, payload }) =>
      Buffer.concat([
        Buffer.of(1, 0, 0, 0, 1, 1, 0, 0, 3, 0, kind, payload.length >> 8, payload.length & 0xff),
        payload,
        Buffer.of(0, 1, 0, 0, 200, 2, 0, 0, 0, 40, 0),
      ]),
    ),
    // A link that breaks, and time.
    Buffer.of(1, 0, 1, 0, 1, 1, 0, 1, 0, 4, 0, 2, 0, 0, 0, 4, 0, 4, 1, 0, 255, 0),
  ],

  run(bytes) {
    const data = new Data(bytes)
    let now = 1000
    const links = data.u8() % 2 === 0 ? 'all' : 'used'
    const config = {
      self: description(US, 'foo', false),
      maxRecords: MAX_RECORDS,
      links,
      isHeard: (id) => id === IDS[0],
      mayConnect: (endpoint) => !endpoint.startsWith('tcp://192.'),
      isBusy: (id) => id === IDS[1],
      random: () => 0.5,
    }
    const state = createState(config, now)
    const perform = (effects) => {
      for (const effect of effects) if (effect.type === 'send') check(effect, state)
      assertSound(state)
    }
    for (let steps = 0; steps < MAX_STEPS && data.left > 0; steps++) {
      const what = data.u8() % 7
      if (what === 0) now += data.u16()
      else {
        const input = inputs[what](data, state)
        if (input !== undefined) perform(step(state, input, now))
      }
      if (dueAt(state) <= now) perform(step(state, { type: 'tick' }, now))
      assert.ok(dueAt(state) > now, 'the machine never rests')
    }
  },
}

function description(id, service, foreign) {
  const wire = foreign ? 1 : 2
  const endpoint = `tcp://10.0.0.${id.charCodeAt(0)}:5670`
  return { id, endpoint, foreign, wire, service, version: '1', name: id.slice(0, 6), publicKey: '', meta: '' }
}

const inputs = {
  1: (data, state) => {
    const id = data.pick(IDS)
    if (state.links.has(id)) return undefined
    const foreign = data.u8() % 4 === 3
    return {
      type: 'linked',
      node: description(id, data.pick(SERVICES), foreign),
      speaks: !foreign,
      parts: id !== IDS[2],
    }
  },
  2: (data) => ({
    type: 'unlinked',
    id: data.pick(IDS),
    gone: data.pick(['lost', 'stopped', undefined, 'parted']),
  }),
  3: (data) => {
    const from = data.pick(IDS)
    const kind = data.u8()
    const payload = data.part()
    const decoded = decode(kind, payload)
    if (decoded === undefined) return undefined
    for (const { kind, bytes } of encode(decoded.message)) {
      assert.ok(bytes.length <= MAX_PAYLOAD)
      assert.deepEqual(decode(kind, bytes)?.invalid, 0)
    }
    return { type: 'message', from, size: payload.length, ...decoded }
  },
  4: (data) => ({ type: 'used', service: data.pick(SERVICES) }),
  5: (data) => ({ type: 'self', self: description(US, data.pick(SERVICES), false) }),
  6: (data) => ({ type: 'subscribes', subscribes: data.u8() % 2 === 0 }),
}

/** What is sent can be read, and goes to one that there is a link to. */
function check({ to, message }, state) {
  assert.ok(state.links.has(to), 'it is sent to one that there is no link to')
  for (const { kind, bytes } of encode(message)) assert.ok(decode(kind, bytes) !== undefined)
}

function assertSound(state) {
  const entries = [...state.entries.values()]
  assert.ok(entries.length <= MAX_RECORDS + state.links.size, 'more records than there may be')
  assert.equal(
    state.digest,
    entries.reduce((digest, { record }) => digest ^ keyOf(record), keyOf(state.self)),
  )
  assert.equal(state.linkedCount, state.links.size)
  assert.ok(state.tombstones.size <= MAX_RECORDS)
}

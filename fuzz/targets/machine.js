import assert from 'node:assert/strict'
import { createState } from '../../packages/zre/dist/machine/state.js'
import { step, stop } from '../../packages/zre/dist/machine/step.js'
import { dueAt } from '../../packages/zre/dist/machine/tick.js'
import { decodeBeacon } from '../../packages/zre/dist/wire/beacon.js'
import { decodeMessage } from '../../packages/zre/dist/wire/message.js'
import { Data } from '../lib/data.js'
import { messages } from '../lib/vectors.js'
import { World } from './machine/world.js'

const US = `${'00'.repeat(15)}01`
/** Six of them, and ourselves. */
const IDS = ['A', 'B', 'C', 'D', 'E', 'F'].map((digit) => digit.repeat(32)).concat(US)
const ADDRESSES = ['10.0.0.2', '10.0.0.3', '10.0.0.1', '192.168.9.9']
const PORTS = [50000, 50001, 49152, 0]
const KEYS = [undefined, undefined, 'k1', 'k2']
const GROUPS = ['g', 'h', '']
const ENDPOINTS = ['tcp://10.0.0.1:49152', 'tcp://10.0.0.9:49152']
const MAX_PEERS = 4
const MAX_STEPS = 200

/** The ZRE machine, and all that may happen to it in any order. */
export default {
  seeds: () => [
    // A peer that beacons, shakes hands, greets and whispers; then silence.
    Buffer.of(1, 0, 0, 0, 0, 5, 0, 3, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0, 4, 0, 1, 0, 0, 15, 0, 255),
    Buffer.of(3, 0, 0, 0, 0, 0, 3, 1, 0, 1, 0, 0, 5, 0, 6, 0, 0, 11, 0, 0, 11, 1, 0, 13, 1, 15, 20, 0, 10, 0),
    ...messages.map(([first]) => Buffer.concat([Buffer.of(2, 0, 0, first.length), first])),
  ],

  run(bytes) {
    const data = new Data(bytes)
    const config = {
      id: US,
      name: 'us',
      headers: new Map(),
      groups: ['g'],
      endpoint: ENDPOINTS[0],
      interval: 1000,
      evasive: 3000,
      expired: 5000,
      lost: 1500,
      isAwaited: (id) => id === IDS[0],
      maxPeers: MAX_PEERS,
      isOnNetwork: (address) => address.startsWith('10.0.0.'),
    }
    let now = 1000
    const state = createState(config, now)
    const world = new World(config)
    for (let steps = 0; steps < MAX_STEPS && data.left > 0; steps++) {
      const byte = data.u8()
      // The last two came later: what was found before is to mean what it meant.
      const what = byte >= 254 ? byte - 238 : byte % 16
      if (what === 15) now += data.u16()
      else {
        const input = inputs[what]?.(data, state) ?? { type: 'tick' }
        world.see(step(state, input, now), state)
        assert.ok(state.peers.size <= MAX_PEERS, 'more peers than there may be')
      }
      // As the driver does: at once when it is due.
      if (dueAt(state) <= now) world.see(step(state, { type: 'tick' }, now), state)
      // And what has come is read by the next input.
      const at = world.reading
      world.reading = undefined
      if (at !== undefined) world.see(step(state, { type: 'read', at }, now), state)
      assert.ok(dueAt(state) > now, 'the machine never rests')
    }
    world.perform(stop(state))
    assert.equal(world.mailboxes.size, 0)
  },
}

const inputs = {
  /** A tick, or what comes from what the machine has asked for. */
  0: (data, state) => {
    const id = data.pick(IDS)
    const at = state.peers.get(id)?.watch?.probedAt ?? 0
    return data.pick([
      { type: 'tick' },
      { type: 'used', id },
      { type: 'probed', id, at, answered: data.pick([true, false, undefined]) },
      { type: 'returned' },
    ])
  },

  1: (data) => ({
    type: 'beacon',
    id: data.pick(IDS),
    address: data.pick(ADDRESSES),
    port: data.pick(PORTS),
    key: data.pick(KEYS),
  }),

  2: (data) => {
    const from = data.pick(IDS)
    const message = decodeMessage([data.part(), Buffer.from('content')])
    return typeof message === 'string' ? undefined : { type: 'message', from, message }
  },

  3: (data) => ({
    type: 'message',
    from: data.pick(IDS),
    key: data.pick(KEYS),
    proven: data.u8() % 2 === 1,
    message: {
      type: 'hello',
      sequence: data.u8() % 8 === 7 ? 2 : 1,
      endpoint: `tcp://${data.pick(ADDRESSES)}:${data.pick(PORTS)}`,
      groups: data.u8() % 2 === 0 ? ['g'] : ['g', 'h', 'g'],
      status: 0,
      name: 'peer',
      headers: new Map(),
    },
  }),

  /** In its turn, or nearly. */
  4: (data, state) => {
    const from = data.pick(IDS)
    const off = data.pick([0, 0, 0, 0, 0, 0, 1, -1])
    const sequence = ((state.peers.get(from)?.expectedSequence ?? 1) + off) & 0xffff
    const group = data.pick(GROUPS)
    const type = data.pick([
      'whisper',
      'shout',
      'join',
      'leave',
      'ping',
      'ping-ok',
      'goodbye',
      'elect',
      'unknown',
    ])
    const message = { type, sequence, group, status: data.u8(), content: [], challenger: '', id: 99 }
    return { type: 'message', from, message }
  },

  5: (data) => ({ type: 'connected', id: data.pick(IDS) }),
  6: (data) => ({ type: 'disconnected', id: data.pick(IDS), interfaceDown: data.u8() % 8 === 7 }),
  7: (data) => ({ type: 'lost', id: data.pick(IDS) }),
  8: (data) => ({ type: 'greet', id: data.pick(IDS) }),
  9: (data) => ({ type: 'refused', id: data.pick(IDS) }),
  10: (data) => ({ type: 'moved', endpoint: data.pick(ENDPOINTS) }),
  11: (data) => ({ type: 'whisper', to: data.pick(IDS), content: [] }),
  12: (data) => ({ type: 'shout', group: data.pick(GROUPS), content: [] }),
  13: (data) => ({ type: data.pick(['join', 'leave']), group: data.pick(GROUPS) }),

  14: (data) => {
    const beacon = decodeBeacon(data.part())
    return typeof beacon === 'string'
      ? undefined
      : { type: 'beacon', ...beacon, address: data.pick(ADDRESSES) }
  },

  16: (data) => ({
    type: 'found',
    id: data.pick(IDS),
    endpoint: `tcp://${data.pick(ADDRESSES)}:${data.pick(PORTS)}`,
    key: data.pick(KEYS),
    alias: data.u8() % 2 === 1,
  }),
  17: (data) => ({
    type: 'gone',
    id: data.pick(IDS),
    endpoint: `tcp://${data.pick(ADDRESSES)}:${data.pick(PORTS)}`,
  }),
}

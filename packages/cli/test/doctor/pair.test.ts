import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { decodeBeacon, encodeBeacon } from '@sleuth/zre/diagnostics'
import { type Comparison, compare } from '#src/doctor/pair/compare.js'
import { decodePairMessage, encodePairMessage, type PairMessage, ways } from '#src/doctor/pair/message.js'
import { pair } from '#src/doctor/pair/pair.js'
import { PairState } from '#src/doctor/pair/state.js'
import { lines, loopback, problem, well } from './given.js'

const message = (given: Partial<PairMessage> = {}): PairMessage => ({
  from: '0a0b0c0d',
  tcpPort: 40_000,
  way: 'broadcast',
  about: undefined,
  heard: new Set(),
  ...given,
})

describe('a message to the other of a pair', () => {
  test('is read as it was written', () => {
    for (const way of ways) {
      for (let bits = 0; bits < 16; bits++) {
        const heard = new Set(ways.filter((_, at) => bits & (1 << at)))
        const sent = message({ way, heard, about: '01020304', tcpPort: 65_535 - bits })
        assert.deepEqual(decodePairMessage('bear', encodePairMessage('bear', sent)), sent)
      }
    }
    assert.deepEqual(decodePairMessage('bear', encodePairMessage('bear', message())), message())
  })

  test('is the beacon of a node that leaves, to all others', () => {
    const beacon = decodeBeacon(encodePairMessage('bear', message()))
    assert.ok(typeof beacon !== 'string' && beacon.port === 0)
  })

  test('is none with another word, nor is any other datagram', () => {
    assert.equal(decodePairMessage('fox', encodePairMessage('bear', message())), undefined)
    const other = { id: randomBytes(16).toString('hex').toUpperCase(), port: 0 }
    assert.equal(decodePairMessage('bear', encodeBeacon(other)), undefined)
    assert.equal(decodePairMessage('bear', Buffer.from('x')), undefined)
    const bytes = encodePairMessage('bear', message())
    bytes[17] = 0xf0
    assert.equal(decodePairMessage('bear', bytes), undefined)
  })
})

describe('the state of a pair', () => {
  const own = '11111111'

  test('counts by which way the first other is heard, and what it says of us', () => {
    const state = new PairState(own)
    assert.equal(state.receive(message({ from: own }), 'broadcast'), false)
    assert.ok(state.receive(message(), 'broadcast'))
    assert.deepEqual([state.other, state.theirs], ['0a0b0c0d', undefined])
    assert.equal(state.receive(message({ from: '99999999' }), 'broadcast'), false)
    state.receive(message({ about: '22222222', heard: new Set(['multicast']) }), 'broadcast')
    assert.equal(state.theirs, undefined)
    state.receive(message({ about: own, heard: new Set(['broadcast']) }), 'dialled')
    state.receive(message({ about: own, heard: new Set(['accepted']) }), 'broadcast')
    assert.deepEqual([...state.heard], ['broadcast', 'dialled'])
    assert.deepEqual([...(state.theirs ?? [])], ['broadcast', 'accepted'])
    assert.equal(state.isComplete, false)
  })

  test('is complete when each hears the other by every way', () => {
    const state = new PairState(own)
    for (const way of ways) state.receive(message({ about: own, heard: new Set(ways) }), way)
    assert.ok(state.isComplete)
  })
})

describe('the comparison of a pair', () => {
  const run = (given: Partial<Comparison>) =>
    compare({
      word: 'bear',
      here: '10.0.0.1',
      there: '10.0.0.2',
      port: 5670,
      heard: new Set(ways),
      theirs: new Set(ways),
      dialError: undefined,
      ...given,
    })

  test('is well when each hears the other by every way', () => {
    assert.equal(well(run({})).length, 4)
  })

  test('warns when nobody is heard', () => {
    const found = problem(run({ heard: new Set(), theirs: undefined, there: undefined }))
    assert.match(found.remedy, /--pair bear on the other machine.*5670/)
  })

  test('names the machine that does not hear, and the one that does', () => {
    const inward = lines(run({ theirs: new Set(['dialled', 'accepted']) })).join('\n')
    assert.match(
      inward,
      /fail: broadcast: 10\.0\.0\.1 hears 10\.0\.0\.2, and 10\.0\.0\.2 does not hear 10\.0\.0\.1/,
    )
    const outward = lines(run({ heard: new Set(['dialled', 'accepted']) })).join('\n')
    assert.match(
      outward,
      /fail: multicast: 10\.0\.0\.2 hears 10\.0\.0\.1, and 10\.0\.0\.1 does not hear 10\.0\.0\.2/,
    )
    const neither = lines(run({ heard: new Set(['dialled']), theirs: new Set(['accepted']) })).join('\n')
    assert.match(neither, /fail: broadcast: neither machine hears the other/)
  })

  test('says that it can not know what the other never could say', () => {
    const found = lines(run({ heard: new Set(['broadcast']), theirs: undefined })).join('\n')
    assert.match(found, /does not hear 10\.0\.0\.1, or it never could say so/)
  })

  test('warns when one of broadcast and multicast is closed, since nodes use both', () => {
    const found = problem(run({ heard: new Set(['broadcast', 'dialled', 'accepted']) }))
    assert.equal(found.status, 'warn')
    assert.match(found.text, /^multicast/)
  })

  test('names the way of TCP that is closed, and why', () => {
    const out = problem(
      run({
        heard: new Set(['broadcast', 'multicast', 'accepted']),
        theirs: new Set(['broadcast', 'multicast', 'dialled']),
        dialError: 'ETIMEDOUT',
      }),
    )
    assert.match(out.text, /10\.0\.0\.1 can't connect to 10\.0\.0\.2 \(ETIMEDOUT\)/)
    assert.match(out.remedy, /in on 10\.0\.0\.2/)
    const back = problem(
      run({
        heard: new Set(['broadcast', 'multicast', 'dialled']),
        theirs: new Set(['broadcast', 'multicast', 'accepted']),
      }),
    )
    assert.match(back.text, /no connection from 10\.0\.0\.2 comes in at 10\.0\.0\.1/)
  })
})

describe('two machines that are one', () => {
  test('hear each other on loopback by every way', async () => {
    const options = {
      word: 'bear',
      network: loopback,
      port: 23_124,
      tcpPort: 23_124,
      address: undefined,
      wait: 30_000,
      signal: new AbortController().signal,
    }
    for (const found of await Promise.all([pair(options), pair(options)])) assert.equal(well(found).length, 4)
  })

  test('end when the signal aborts', async () => {
    const abort = new AbortController()
    const running = pair({
      word: 'lonely',
      network: loopback,
      port: 23_124,
      tcpPort: 23_124,
      address: '127.0.0.1',
      wait: 60_000,
      signal: abort.signal,
    })
    abort.abort(new Error('enough'))
    await assert.rejects(running, /enough/)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Effect } from '#src/machine/types.js'
import { isSilent } from '#src/machine/watch.js'
import { Bench, find, PEER, sent, types } from '../support/machine.js'

/** A peer that is present, and was silent for a while: longer than counts as recent, less than would have it pinged. */
function idle(config: ConstructorParameters<typeof Bench>[0] = {}): Bench {
  const bench = Bench.withPeer(config)
  bench.wait(0)
  bench.wait(30_000)
  return bench
}

const probes = (effects: readonly Effect[]) => effects.filter(({ type }) => type === 'probe')
const exits = (effects: readonly Effect[]) => effects.filter(({ type }) => type === 'exit')
const pings = (effects: readonly Effect[]) => sent(effects).filter(({ message }) => message.type === 'ping')

function whisper(bench: Bench): Effect[] {
  return bench.do({ type: 'whisper', to: PEER, content: [Buffer.from('x')] })
}

/** Of the probe that is under way. */
function probed(bench: Bench, answered: boolean | undefined): Effect[] {
  const at = bench.state.peers.get(PEER)?.watch?.probedAt ?? 0
  return bench.do({ type: 'probed', id: PEER, at, answered })
}

/** Time passes, and each probe has that outcome, as soon as it can. */
function live(bench: Bench, duration: number, answered: boolean): Effect[] {
  const effects: Effect[] = []
  const delay = answered ? 1 : 375
  for (const end = bench.now + duration; bench.now < end; ) {
    const step = bench.wait(1)
    effects.push(...step)
    for (let asked = probes(step).length > 0; asked; ) {
      effects.push(...bench.wait(delay))
      const next = probed(bench, answered)
      effects.push(...next)
      asked = probes(next).length > 0
    }
  }
  return effects
}

describe('a link that nobody uses', () => {
  it('is left alone, however silent', () => {
    const bench = Bench.withPeer()
    bench.wait(0)
    assert.deepEqual(
      types(bench.wait(30_000)).filter((type) => type !== 'beacon'),
      [],
    )
  })
})

describe('a link that is used after a while', () => {
  it('is checked before what is sent, and probed unless the peer answers soon', () => {
    const bench = idle()
    assert.deepEqual(types(whisper(bench)), ['send ping', 'send whisper'])
    assert.equal(probes(bench.wait(125)).length, 1)

    const other = idle()
    whisper(other)
    other.message({ type: 'ping-ok' }, 2)
    assert.deepEqual(probes(other.wait(400)), [])
  })

  it('is lost within 1 s if the host has vanished meanwhile, and greeted anew', () => {
    const bench = idle()
    bench.plugs = false
    whisper(bench)
    const effects = live(bench, 1000, false)
    assert.equal(find(effects, 'exit').reason, 'lost')
    const told = types(effects).filter((type) => type !== 'beacon')
    assert.deepEqual(told.slice(-4), ['probe', 'exit', 'open', 'send hello'])
    assert.equal(bench.state.peers.size, 1, 'it has time to be connected to')
  })

  it('is not checked when it was heard just now', () => {
    const bench = idle()
    bench.whisper(2)
    assert.deepEqual(types(whisper(bench)), ['send whisper'])
  })

  it('is used as well by what comes', () => {
    const bench = idle()
    bench.whisper(2)
    assert.ok(pings(live(bench, 1000, true)).length > 0)
  })

  it('is used as well by what is told past the machine, and by shouts', () => {
    const told = idle()
    assert.deepEqual(types(told.do({ type: 'used', id: PEER })), ['send ping'])
    const shouted = idle()
    shouted.message({ type: 'join', group: 'g', status: 1 }, 2)
    shouted.wait(2000)
    const shout = shouted.do({ type: 'shout', group: 'g', content: [] })
    assert.deepEqual(types(shout), ['send ping', 'send shout'])
  })
})

describe('a link in use', () => {
  it('whose peer is silent is lost within 1.5 s, after two probes', () => {
    const bench = idle()
    bench.whisper(2)
    whisper(bench)
    bench.plugs = false
    const effects = live(bench, 1500, false)
    assert.equal(probes(effects).length, 2)
    assert.equal(exits(effects).length, 1)
  })

  it('tells who has not answered a PING by the next look, until it does', () => {
    const bench = idle()
    const silent = () => isSilent(bench.state.peers.get(PEER))
    assert.equal(silent(), false)
    whisper(bench)
    assert.equal(silent(), false, 'it has had no time')
    bench.wait(125)
    assert.equal(silent(), true)
    bench.message({ type: 'ping-ok' }, 2)
    bench.wait(125)
    assert.equal(silent(), false)
    assert.equal(isSilent(undefined), false)
  })

  it('whose peer answers probes and no PING is busy: slow, and not gone', () => {
    const bench = idle()
    bench.whisper(2)
    whisper(bench)
    const effects = live(bench, 9000, true)
    assert.ok(probes(effects).length >= 10)
    assert.deepEqual(exits(effects), [])
  })

  it('whose peer answers probes and no PING, and goes on to speak, is made anew', () => {
    const speaks = (answers: boolean) => {
      const bench = idle()
      bench.plugs = false
      const effects: Effect[] = []
      for (let second = 0, sequence = 2; second < 12; second++) {
        effects.push(...bench.whisper(sequence++), ...whisper(bench), ...live(bench, 1000, true))
        if (answers && second === 6) effects.push(...bench.message({ type: 'ping-ok' }, sequence++))
      }
      return effects
    }
    const effects = speaks(false)
    assert.equal(find(effects, 'exit').reason, 'lost')
    assert.deepEqual(
      types(effects).filter((type) => /exit|open|hello/.test(type)),
      ['exit', 'open', 'send hello'],
    )
    assert.deepEqual(exits(speaks(true)), [])
  })

  it('whose peer goes on to speak and is not reached is lost as well: it speaks by a connection of its own', () => {
    const bench = idle()
    bench.whisper(2)
    whisper(bench)
    bench.plugs = false
    const effects: Effect[] = []
    for (let sequence = 3, passed = 0; passed < 1500; passed += 100, sequence += 2) {
      effects.push(...bench.message({ type: 'ping' }, sequence), ...bench.whisper(sequence + 1))
      effects.push(...live(bench, 100, false))
    }
    assert.equal(find(effects, 'exit').reason, 'lost')
  })

  it('whose peer answers PING is not probed', () => {
    const bench = idle()
    bench.whisper(2)
    whisper(bench)
    let sequence = 3
    let asked = 0
    for (let look = 0; look < 60; look++) {
      const effects = bench.wait(125)
      assert.deepEqual(probes(effects), [])
      for (const _ of pings(effects)) {
        asked++
        bench.message({ type: 'ping-ok' }, sequence++)
      }
    }
    assert.ok(asked >= 10)
  })

  it('is no longer so 10 s after the last whisper, unless somebody waits for the peer', () => {
    const bench = idle()
    whisper(bench)
    live(bench, 10_500, true)
    bench.beacon()
    assert.deepEqual(pings(live(bench, 5000, true)), [])

    let awaited = true
    const waiting = idle({ isAwaited: (id) => id === PEER && awaited })
    whisper(waiting)
    live(waiting, 20_000, true)
    assert.ok(pings(live(waiting, 2000, true)).length > 0)
    awaited = false
    live(waiting, 10_500, true)
    waiting.beacon()
    assert.deepEqual(pings(live(waiting, 5000, true)), [])
  })

  it('is so as well when somebody waits for the peer who did not whisper, and says so once', () => {
    const bench = idle({ isAwaited: (id) => id === PEER })
    bench.plugs = false
    const effects = [...bench.do({ type: 'used', id: PEER }), ...live(bench, 1500, false)]
    assert.equal(pings(effects).length, 1)
    assert.equal(exits(effects).length, 1)
  })

  it('is looked at only while it is in use: an idle network asks nobody, and wakes nobody', () => {
    let asked = 0
    const bench = idle({ isAwaited: () => ++asked === 0 })
    live(bench, 5000, true)
    assert.equal(asked, 0)
    assert.equal(bench.state.nextWatchAt, Number.POSITIVE_INFINITY)
    whisper(bench)
    live(bench, 12_000, true)
    assert.ok(asked > 0)
    assert.equal(bench.state.nextWatchAt, Number.POSITIVE_INFINITY)
  })

  it('is not kept in use by PINGs and their answers', () => {
    const bench = idle()
    whisper(bench)
    let sequence = 2
    for (let look = 0; look < 84; look++) {
      for (const _ of pings(bench.wait(125))) bench.message({ type: 'ping-ok' }, sequence++)
      bench.message({ type: 'ping' }, sequence++)
    }
    assert.deepEqual(pings(bench.wait(5000)), [])
  })
})

describe('a probe whose connection is gone meanwhile', () => {
  /** A probe of a peer that is used, after another has failed if so said; then our connection breaks. */
  const broken = (failures: number) => {
    const bench = idle()
    whisper(bench)
    bench.wait(125)
    for (let failed = 0; failed < failures; failed++) probed(bench, false)
    const at = bench.state.peers.get(PEER)?.watch?.probedAt
    assert.notEqual(at, undefined)
    bench.plugs = false
    bench.do({ type: 'disconnected', id: PEER, interfaceDown: false })
    return { bench, fail: () => bench.do({ type: 'probed', id: PEER, at: at ?? 0, answered: false }) }
  }

  it('is not repeated for a peer that is not present', () => {
    const { fail } = broken(0)
    assert.deepEqual(fail(), [])
  })

  it('breaks off no connection that is being made, though it is the second to fail', () => {
    const { fail } = broken(1)
    assert.deepEqual(fail(), [])
  })

  it('says nothing of a connection that has shaken hands since', () => {
    const { bench, fail } = broken(1)
    bench.do({ type: 'connected', id: PEER })
    bench.hello()
    assert.notEqual(bench.state.peers.get(PEER)?.view, undefined)
    assert.deepEqual(fail(), [])
  })

  it('nor of one over which the peer says that it is elsewhere', () => {
    const { bench, fail } = broken(1)
    bench.do({ type: 'connected', id: PEER })
    bench.hello()
    bench.hello(PEER, { endpoint: 'tcp://10.0.0.3:50001' })
    assert.deepEqual(exits(fail()), [])
  })

  it('is over as well when messages of the peer are missing, until it has greeted us', () => {
    const bench = idle()
    whisper(bench)
    bench.wait(125)
    const at = bench.state.peers.get(PEER)?.watch?.probedAt ?? 0
    bench.whisper(9)
    assert.deepEqual(bench.do({ type: 'probed', id: PEER, at, answered: false }), [])
  })
})

describe('a peer that says that it is elsewhere', () => {
  const endpoint = 'tcp://10.0.0.3:50001'
  const claimed = () => {
    const bench = idle()
    bench.hello(PEER, { endpoint })
    bench.plugs = false
    return bench
  }

  it('is lost within 1.5 s if nobody is left where it was, though nobody calls it, and is greeted there', () => {
    const effects = live(claimed(), 1500, false)
    assert.equal(find(effects, 'exit').reason, 'lost')
    assert.equal(find(effects, 'open').endpoint, endpoint)
  })

  it('is so as well when it has moved between our HELLO and its own', () => {
    const bench = new Bench()
    bench.beacon()
    bench.hello(PEER, { endpoint })
    bench.plugs = false
    assert.equal(find(live(bench, 1500, false), 'open').endpoint, endpoint)
  })

  /** It was lost, has moved, and was followed. */
  const followed = () => {
    const bench = idle()
    bench.plugs = false
    bench.do({ type: 'disconnected', id: PEER })
    bench.beacon(PEER, 50002, '10.0.0.4')
    bench.now += 400
    return bench
  }

  it('is so as well when it has moved again just after it was followed, and its connection stands', () => {
    const bench = followed()
    bench.do({ type: 'connected', id: PEER })
    const effects = bench.hello(PEER, { endpoint })
    assert.deepEqual(
      types(effects).filter((type) => type === 'open'),
      [],
      'not twice within a second',
    )
    assert.equal(find(live(bench, 1500, false), 'open').endpoint, endpoint)
  })

  it('is greeted there once somebody shakes hands there, when it has moved again and is not reached where it was', () => {
    const bench = followed()
    assert.equal(find(bench.hello(PEER, { endpoint }), 'check').endpoint, endpoint)
    bench.now += 1000
    const effects = bench.do({ type: 'checked', id: PEER, endpoint, stands: true })
    assert.equal(find(effects, 'open').endpoint, endpoint)
  })

  it('is so as well when it speaks all the while on its own connection, which is another', () => {
    const bench = claimed()
    let sequence = 1
    const effects: Effect[] = []
    for (let time = 0; time < 1500; time += 50) {
      effects.push(...live(bench, 50, false))
      if (bench.state.peers.get(PEER)?.view !== undefined) bench.whisper(++sequence)
    }
    assert.equal(find(effects, 'exit').reason, 'lost')
    assert.equal(find(effects, 'open').endpoint, endpoint)
  })

  it('stays when somebody answers where it was', () => {
    const bench = claimed()
    assert.deepEqual(exits(live(bench, 15_000, true)), [])
    assert.equal(bench.state.watched.size, 0)
  })
})

describe('a probe', () => {
  const silent = () => {
    const bench = idle()
    whisper(bench)
    assert.equal(probes(bench.wait(125)).length, 1)
    return bench
  }

  it('that fails while the peer speaks tells nothing', () => {
    const bench = silent()
    bench.wait(100)
    bench.message({ type: 'ping-ok' }, 2)
    assert.deepEqual(probed(bench, false), [])
  })

  it('that failed once, long ago, is forgotten when the peer speaks', () => {
    const bench = silent()
    assert.equal(probes(probed(bench, false)).length, 1)
    bench.message({ type: 'ping-ok' }, 2)
    bench.wait(130)
    probed(bench, false)
    bench.wait(600)
    assert.deepEqual(exits(probed(bench, false)), [])
  })

  it('that could not be made is made again', () => {
    const bench = silent()
    assert.deepEqual(probed(bench, undefined), [])
    assert.equal(probes(bench.wait(125)).length, 1)
  })

  it('of the time before our own process stood still tells nothing', () => {
    const bench = silent()
    const at = bench.now
    bench.now += 5000
    bench.do({ type: 'tick' })
    for (let times = 0; times < 2; times++)
      assert.deepEqual(bench.do({ type: 'probed', id: PEER, at, answered: false }), [])
    assert.deepEqual(exits(live(bench, 400, false)), [])
  })

  it('of a peer that is lost or unknown tells nothing', () => {
    const bench = silent()
    const at = bench.now
    bench.plugs = false
    bench.do({ type: 'disconnected', id: PEER })
    bench.wait(200)
    assert.deepEqual(bench.do({ type: 'probed', id: PEER, at, answered: false }), [])
    assert.deepEqual(bench.do({ type: 'probed', id: 'FF'.repeat(16), at, answered: false }), [])
  })
})

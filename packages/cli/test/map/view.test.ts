import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rowsOf, ServiceKeys } from '#src/map/rows.js'
import { Scene } from './scene.js'

/** Two services, and a program that calls one, which calls the other. */
function shop(): Scene {
  const scene = new Scene()
  const { source } = scene
  source.add(undefined)
  for (let i = 0; i < 2; i++) source.add('article-service')
  for (let i = 0; i < 4; i++) source.add('comment-service')
  source.traffic.push({ to: 'article-service', rate: 10 })
  source.traffic.push({ from: 'article-service', to: 'comment-service', rate: 50 })
  return scene
}

describe('the line at the top', () => {
  test('says that all is well', async () => {
    const scene = shop()
    await scene.pass(1)
    assert.equal(scene.headline, '6 instances of 2 services are here. There are no figures yet.')
    await scene.pass(12)
    assert.match(
      scene.headline,
      /^All is well: 6 instances of 2 services answer \d+ requests a second\. None fails\.$/,
    )
    scene.source.traffic.length = 0
    await scene.pass(12)
    assert.equal(scene.headline, 'All is well: 6 instances of 2 services. Nobody calls now.')
  })

  test('says who has gone and why, and which calls fail', async () => {
    const scene = shop()
    await scene.pass(12)
    const [first, second] = scene.source.of('comment-service')
    scene.source.remove(first?.id as string, 'lost')
    scene.source.traffic.push({ from: 'article-service', to: 'comment-service', rate: 2, lost: 1 })
    await scene.pass(12)
    assert.equal(
      scene.headline,
      '1 of 4 instances of comment-service has gone: killed, crashed or cut off; 4\u00a0% of calls to it fail.',
    )
    scene.source.remove(second?.id as string, 'expired')
    assert.match(
      scene.headline,
      /^2 of 4 instances of comment-service have gone: .*cut off, silent for too long;/,
    )
  })

  test('does not mourn those that stopped on purpose, and forgets one when another has come', async () => {
    const scene = shop()
    await scene.pass(12)
    const [first, second] = scene.source.of('comment-service')
    scene.source.remove(first?.id as string, 'left')
    await scene.pass(2)
    assert.match(scene.headline, /^All is well: 5 instances/)
    scene.source.remove(second?.id as string, 'lost')
    await scene.pass(2)
    assert.match(scene.headline, /^1 of 3 instances of comment-service has gone/)
    scene.source.add('comment-service')
    await scene.pass(2)
    assert.match(scene.headline, /^All is well: 5 instances/)
  })

  test('says that nobody offers what is called', async () => {
    const scene = shop()
    scene.source.traffic.push({ from: 'article-service', to: 'honey-service', rate: 2 })
    await scene.pass(12)
    assert.match(
      scene.headline,
      /^article-service calls a service that nobody offers: 2(\.\d)? calls a second fail\.$/,
    )
  })

  test('says by name that nobody offers any more what is called', async () => {
    const scene = shop()
    await scene.pass(12)
    for (const { id } of scene.source.of('comment-service')) scene.source.remove(id, 'left')
    await scene.pass(12)
    assert.match(scene.headline, /^Nobody offers comment-service: 5\d a second ask for it in vain\.$/)
  })

  test('puts the worst first, and lists the rest', async () => {
    const scene = shop()
    scene.source.traffic.push({ from: 'article-service', to: 'honey-service', rate: 2 })
    scene.source.traffic.push({ to: 'comment-service', rate: 10, failed: 0.5 })
    await scene.pass(12)
    const row = rowsOf(scene.network, new ServiceKeys()).get('h')
    assert.match(String(row?.words), /^article-service calls a service that nobody offers/)
    assert.equal(row?.level, 'bad')
    assert.deepEqual(row?.more, ['8\u00a0% of calls to comment-service fail.'])
  })

  test('says that a node is heard and not reached', async () => {
    const scene = shop()
    scene.source.strangers.push({
      id: 'F'.repeat(32),
      name: 'far',
      service: undefined,
      endpoint: 'tcp://10.9.9.9:4000',
      state: 'unreachable',
      since: 0,
    })
    await scene.pass(12)
    assert.equal(
      scene.headline,
      'The node far at tcp://10.9.9.9:4000 is heard, but no connection to it can be made.',
    )
  })

  test('says that figures are kept back, and by which option', async () => {
    const scene = shop()
    for (const { id } of scene.source.of('comment-service')) {
      scene.source.errors.set(id, Object.assign(new Error('no'), { code: 'SLEUTH_INSPECT_REFUSED' }))
    }
    await scene.pass(12)
    const row = rowsOf(scene.network, new ServiceKeys()).get('h')
    assert.deepEqual(row?.more, [
      '4 instances tell no figures to this map: they are there with “introspection: true” in the options of createSleuth.',
    ])
  })
})

describe('an instance', () => {
  const stateOf = (scene: Scene, service: string) =>
    scene.view.services.find((view) => view.service === service)?.instances[0]?.state

  const cases: [string, string, (scene: Scene) => void][] = [
    ['good', 'works', () => {}],
    ['good', 'idle', ({ source }) => source.traffic.splice(0)],
    ['bad', '20\u00a0% of its answers fail', ({ source }) => {
      for (const traffic of source.traffic) traffic.failed = 0.2
    }],
    ['note', '2\u00a0% of its answers fail', ({ source }) => {
      for (const traffic of source.traffic) traffic.failed = 0.02
    }],
    ['note', 'not ready: it takes no calls now', ({ source }) => {
      const [node] = source.of('article-service')
      Object.assign(node?.instance ?? {}, { ready: false })
    }],
    ['none', 'up; sleuth for Go tells no figures', ({ source }) => {
      const [node] = source.of('article-service')
      source.errors.set(node?.id as string, Object.assign(new Error(), { code: 'SLEUTH_INSPECT_UNSUPPORTED' }))
    }],
    ['note', 'does not answer the map', ({ source }) => {
      const [node] = source.of('article-service')
      source.errors.set(node?.id as string, Object.assign(new Error(), { code: 'SLEUTH_INSPECT_TIMEOUT' }))
    }],
  ] // biome-ignore format: one case a line

  for (const [level, words, change] of cases) {
    test(`is ${level}: “${words}”`, async () => {
      const scene = shop()
      change(scene)
      await scene.pass(12)
      assert.deepEqual(stateOf(scene, 'article-service'), { level, words })
    })
  }

  test('that turns requests away is overloaded, and one whose event loop always works is busy', async () => {
    const scene = shop()
    const [overloaded, busy] = scene.source.of('article-service')
    for (let i = 0; i < 12; i++) {
      if (overloaded && busy) {
        overloaded.refused += 5
        busy.loop.active += 19_000
      }
      await scene.pass(1)
    }
    const [service] = scene.view.services
    assert.deepEqual(
      service?.instances.map(({ state }) => state.words),
      ['overloaded: it turns requests away', 'busy: it works 95\u00a0% of the time'],
    )
  })
})

describe('calls', () => {
  test('are those that callers count, with answers that say they failed', async () => {
    const scene = shop()
    scene.source.traffic.push({ from: 'article-service', to: 'comment-service', rate: 50, failed: 0.1 })
    await scene.pass(12)
    const edge = scene.view.edges.find(({ from }) => from === 'article-service')
    assert.ok(edge && Math.abs(edge.rate - 102.5) < 3, String(edge?.rate))
    assert.ok(Math.abs(edge.failed - 0.05) < 0.005, String(edge.failed))
  })

  test('of a caller that tells nothing are those that the service counts', async () => {
    const scene = shop()
    for (const { id } of [...scene.source.of(undefined), ...scene.source.of('article-service')]) {
      scene.source.errors.set(id, Object.assign(new Error(), { code: 'SLEUTH_INSPECT_UNSUPPORTED' }))
    }
    await scene.pass(12)
    const edges = scene.view.edges.map(({ from, to, rate }) => [from, to, rate > 49])
    assert.deepEqual(edges, [['article-service', 'comment-service', true]])
  })

  test('of those that offer no service come from one place', async () => {
    const scene = shop()
    scene.source.add(undefined)
    await scene.pass(12)
    const edges = scene.view.edges.filter(({ from }) => from === undefined)
    assert.equal(edges.length, 1)
    assert.equal(scene.view.callers.length, 2)
  })
})

describe('what has happened', () => {
  test('is kept, with the reasons, and has an end', async () => {
    const scene = new Scene()
    for (let i = 0; i < 300; i++) {
      const node = scene.source.add('article-service')
      scene.source.remove(node.id, 'lost')
    }
    const { happenings, gone } = scene.network
    assert.equal(happenings.length, 200)
    assert.ok(gone.size <= 200)
    assert.equal(happenings.at(-1)?.words, 'gone: killed, crashed or cut off')
  })

  test('is forgotten after a time: those that have gone are not in the table for ever', async () => {
    const scene = shop()
    await scene.pass(2)
    const [first, second] = scene.source.of('comment-service')
    scene.source.remove(first?.id as string, 'lost')
    scene.source.remove(second?.id as string, 'stopped')
    await scene.pass(1)
    assert.equal(scene.network.gone.size, 2)
    scene.now += 20_000
    await scene.pass(1)
    assert.equal(scene.network.gone.size, 1)
    scene.now += 300_000
    await scene.pass(1)
    assert.equal(scene.network.gone.size, 0)
  })
})

test('names that come and go leave nothing behind', async () => {
  const scene = new Scene()
  const keys = new ServiceKeys()
  for (let i = 0; i < 50; i++) {
    const { id } = scene.source.add(`service-${i}`)
    await scene.pass(1)
    rowsOf(scene.network, keys)
    scene.source.remove(id, 'left')
  }
  scene.now += 400_000
  await scene.pass(1)
  rowsOf(scene.network, keys)
  assert.equal(keys.size, 0)
})

describe('asking', () => {
  test('200 instances asks 32 at the same time, and each once', async () => {
    const scene = new Scene()
    for (let i = 0; i < 200; i++) scene.source.add(`service-${i % 50}`)
    await scene.pass(1)
    assert.deepEqual(scene.source.asked, { now: 0, most: 32, all: 200 })
  })

  test('one that may not tell goes on after some rounds', async () => {
    const scene = new Scene()
    const { id } = scene.source.add('article-service')
    scene.source.errors.set(id, Object.assign(new Error(), { code: 'SLEUTH_INSPECT_REFUSED' }))
    await scene.pass(30)
    assert.equal(scene.source.asked.all, 1)
    scene.source.errors.clear()
    await scene.pass(3)
    assert.ok(scene.source.asked.all > 1)
  })

  test('after nobody has looked begins anew: no rate is of the time between', async () => {
    const scene = shop()
    await scene.pass(12)
    scene.network.pause()
    scene.source.advance(1_000_000)
    scene.now += 1000
    await scene.pass(1)
    assert.ok(scene.view.services.every(({ figures }) => figures === undefined))
  })
})

test('200 instances of 50 services, each of which calls 20, take at most 18 kB a second', async () => {
  const scene = new Scene()
  const names = Array.from({ length: 50 }, (_, i) => `service-${i}`)
  for (const name of names) for (let i = 0; i < 4; i++) scene.source.add(name)
  for (const [i, from] of names.entries()) {
    for (let k = 1; k <= 20; k++) {
      scene.source.traffic.push({ from, to: names[(i + k) % 50] as string, rate: 1 + ((i * k) % 30) })
    }
  }
  const { Deltas } = await import('#src/map/delta.js')
  const { BUDGET } = await import('#src/map/feed.js')
  const deltas = new Deltas(BUDGET)
  const keys = new ServiceKeys()
  deltas.fill(rowsOf(scene.network, keys))
  const sizes: number[] = []
  for (let second = 0; second < 30; second++) {
    for (const traffic of scene.source.traffic) traffic.rate *= second % 2 ? 1.3 : 0.8
    await scene.pass(1)
    sizes.push(Buffer.byteLength(JSON.stringify(deltas.next(rowsOf(scene.network, keys)))))
  }
  assert.ok(Math.max(...sizes) <= 18_100, `${Math.max(...sizes)} bytes`)
  assert.ok(Math.max(...sizes) > 10_000, 'the figures do change')
})

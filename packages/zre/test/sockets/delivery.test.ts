import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Delivery } from '#src/sockets/delivery.js'

/** As a socket whose messages are all there: each is added in a microtask. */
async function flood(delivery: Delivery<number>, count: number): Promise<void> {
  for (let item = 0; item < count; item++) {
    await undefined
    await delivery.add(item)
  }
}

async function idle(delivery: Delivery<number>): Promise<void> {
  while (delivery.busy) await new Promise((resolve) => setImmediate(resolve))
}

describe('delivery', { timeout: 30_000 }, () => {
  it('hands on all, in its order', async () => {
    const seen: number[] = []
    const delivery = new Delivery<number>((item) => void seen.push(item))
    await flood(delivery, 5000)
    await idle(delivery)
    assert.deepEqual(
      seen,
      Array.from({ length: 5000 }, (_, item) => item),
    )
  })

  it('lets the event loop have its turn after some hundred items, however many wait', async () => {
    let sinceTurn = 0
    let most = 0
    const delivery = new Delivery<number>(() => {
      most = Math.max(most, ++sinceTurn)
    })
    let flooding = true
    const turn = () => {
      sinceTurn = 0
      if (flooding) setImmediate(turn)
    }
    setImmediate(turn)
    await flood(delivery, 5000)
    await idle(delivery)
    flooding = false
    assert.ok(most <= 512, `${most} items in one turn`)
  })

  it('and after one that takes long', async () => {
    const order: string[] = []
    const delivery = new Delivery<number>((item) => {
      order.push(`item ${item}`)
      if (item === 0) setImmediate(() => order.push('turn'))
      // A handler that keeps the processor.
      for (const end = performance.now() + 20; performance.now() < end; );
    })
    await flood(delivery, 3)
    await idle(delivery)
    assert.ok(order.indexOf('turn') < order.indexOf('item 2'), order.join(', '))
  })

  it('hands on outside of microtasks: ticks come before promises', async () => {
    const order: string[] = []
    const delivery = new Delivery<number>((item) => {
      void Promise.resolve().then(() => order.push(`promise ${item}`))
      process.nextTick(() => order.push(`tick ${item}`))
    })
    await Promise.resolve()
    delivery.add(1)
    await idle(delivery)
    assert.deepEqual(order, ['tick 1', 'promise 1'])
  })

  it('takes in only so much before it is handed on', async () => {
    const delivery = new Delivery<number>(() => {})
    let added = 0
    while (delivery.add(added++) === undefined);
    assert.ok(added <= 64, `${added} items`)
    await idle(delivery)
  })

  it('tells each socket that waits for room', async () => {
    const delivery = new Delivery<number>(() => {})
    while (delivery.add(0) === undefined);
    const waits = [delivery.add(1), delivery.add(2), delivery.add(3)]
    await idle(delivery)
    let told = 0
    for (const wait of waits) void wait?.then(() => told++)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(told, 3)
  })
})

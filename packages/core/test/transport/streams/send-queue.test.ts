import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SendQueue } from '#src/transport/streams/send-queue.js'

const KIB = 1024

/** A session that carries so many bytes a millisecond, one after another, and answers at once. */
function session(first: number) {
  let rate = first
  let now = 0
  let sent = 0
  let freeAt = 0
  const marks: { at: number; sent: number; settle: (received: boolean) => void }[] = []
  const queue = new SendQueue({
    written: () => 0,
    makeRoom: () => {},
    now: () => now,
    maxBytes: 1024 * KIB,
    acknowledged: () => new Promise((settle) => marks.push({ at: freeAt + 1, sent, settle })),
  })
  return {
    queue,
    send(bytes: number) {
      freeAt = Math.max(freeAt, now) + bytes / rate
      sent += bytes
      queue.sent(bytes)
    },
    /** The next acknowledgement comes, or never will. False if there is none to come. */
    async next(received = true): Promise<boolean> {
      const mark = marks.shift()
      if (mark === undefined) return false
      now = Math.max(now, mark.at)
      mark.settle(received)
      await new Promise((resolve) => setImmediate(resolve))
      return true
    },
    slowDown(to: number) {
      rate = to
    },
    wait(time: number) {
      now += time
    },
    get now() {
      return now
    },
    /** Milliseconds that a byte takes that is sent now. */
    get delay() {
      return Math.max(0, freeAt - now)
    },
  }
}

/** A body without an end, as its sender is one. */
function endless({ queue, send }: ReturnType<typeof session>, key: number) {
  const body = {
    key,
    sent: 0,
    flow() {
      for (let room = queue.roomFor(body); room > 0; room = queue.roomFor(body)) {
        body.sent += room
        send(room)
      }
    },
  }
  return body
}

describe('what is sent to a peer', () => {
  for (const [name, rate] of [
    ['10 Mbit/s', 1250],
    ['100 Mbit/s', 12_500],
  ] as const) {
    it(`waits no longer on its way than a tenth of a second at ${name}`, async () => {
      const wire = session(rate)
      endless(wire, 1).flow()
      for (let i = 0; i < 50; i++) await wire.next()
      const delays: number[] = []
      for (let i = 0; i < 200; i++) {
        await wire.next()
        delays.push(wire.delay)
      }
      // And the session is never idle.
      assert.ok(
        Math.max(...delays) < 100 && Math.min(...delays) > 0,
        `${Math.min(...delays)} to ${Math.max(...delays)}`,
      )
    })
  }

  it('fills a fast session', async () => {
    const wire = session(500 * KIB)
    const body = endless(wire, 1)
    body.flow()
    for (let i = 0; i < 100; i++) await wire.next()
    assert.ok(body.sent / wire.now > 250 * KIB, `${body.sent / wire.now} bytes a millisecond`)
  })

  it('is of each body in turn', async () => {
    const wire = session(1250)
    const bodies = [1, 2, 3, 4].map((key) => endless(wire, key))
    for (const body of bodies) body.flow()
    for (let i = 0; i < 200; i++) await wire.next()
    const shares = bodies.map(({ sent }) => sent)
    assert.ok(Math.max(...shares) < 1.5 * Math.min(...shares), `${shares}`)
  })

  it('is a head before bodies, and never a body before its head', async () => {
    const wire = session(1250)
    endless(wire, 1).flow()
    const order: string[] = []
    const body = {
      key: 2,
      flow: () => {
        if (wire.queue.roomFor(body) > 0) order.push('body')
      },
    }
    assert.ok(wire.queue.isFull)
    for (let key = 100; key < 140; key++) wire.queue.add(key, { size: KIB, write: () => wire.send(KIB) })
    wire.queue.add(2, { size: KIB, write: () => order.push('head') })
    body.flow()
    while (order.length < 2) assert.ok(await wire.next())
    assert.deepEqual(order, ['head', 'body'])
  })

  it('is a head with all that was added to it while it waits, and nothing of one that was taken back', async () => {
    const wire = session(1250)
    endless(wire, 1).flow()
    const order: string[] = []
    const write = (text: string) => () => void order.push(text)
    assert.equal(wire.queue.append(2, write('of nothing')), false)
    wire.queue.add(2, { size: KIB, write: write('head') })
    wire.queue.add(3, { size: KIB, write: write('another') })
    assert.ok(wire.queue.append(2, write('trailer')))
    assert.ok(wire.queue.append(2, write('reset')))
    assert.ok(wire.queue.append(3, write('of another')))
    assert.ok(wire.queue.remove(3))
    while (order.length < 3) assert.ok(await wire.next())
    assert.deepEqual(order, ['head', 'trailer', 'reset'])
    assert.equal(wire.queue.append(2, write('too late')), false)
  })

  it('goes on after the window has become smaller than what is on its way', async () => {
    const wire = session(500 * KIB)
    const body = endless(wire, 1)
    body.flow()
    for (let i = 0; i < 20; i++) await wire.next()
    wire.slowDown(100)
    const before = body.sent
    for (let i = 0; i < 20; i++) assert.ok(await wire.next())
    assert.ok(body.sent > before)
  })

  it('is all there when the queue is drained', async () => {
    const wire = session(1250)
    const left: number[] = []
    for (let key = 0; key < 500; key++) {
      const write = () => {
        left.push(key)
        wire.send(KIB)
      }
      if (wire.queue.isFull) wire.queue.add(key, { size: KIB, write })
      else write()
    }
    let drained = false
    const done = wire.queue.drained().then(() => {
      drained = true
    })
    while (await wire.next()) assert.equal(drained, wire.delay === 0 && left.length === 500 && drained)
    await done
    assert.equal(left.length, 500)
    assert.equal(wire.delay, 0)
  })

  it('is not waited for when that was long ago, or never', async () => {
    const wire = session(1250)
    await wire.queue.drained()
    wire.send(KIB)
    wire.send(KIB)
    wire.wait(60_000)
    await wire.queue.drained()
  })

  it('is not waited for when the peer is gone', async () => {
    const wire = session(1250)
    wire.send(KIB)
    const drained = wire.queue.drained()
    wire.queue.close()
    while (await wire.next());
    await drained
  })

  it('goes on when what was sent before is never acknowledged', async () => {
    const wire = session(1250)
    endless(wire, 1).flow()
    let left = false
    wire.queue.add(2, {
      size: KIB,
      write: () => {
        left = true
      },
    })
    assert.ok(await wire.next(false))
    assert.ok(left)
    assert.ok(await wire.next())
  })

  it('takes more than its bytes while it waits', () => {
    const wire = session(1250)
    endless(wire, 1).flow()
    let heads = 0
    while (wire.queue.add(heads + 2, { size: 32, write: () => {} })) heads++
    assert.ok(heads * 512 < 1024 * KIB, `${heads} heads wait`)
    wire.queue.remove(2)
    assert.ok(wire.queue.add(2, { size: 32, write: () => {} }))
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { directWindows, MAX_WINDOW, WINDOW, zeromqWindows } from '#src/shared/limits.js'
import { ReceiveWindow } from '#src/transport/streams/receive-window.js'
import { SendWindow } from '#src/transport/streams/send-window.js'
import { WindowBudget } from '#src/transport/streams/window-budget.js'

const HALF = WINDOW / 2
const GROWTH = MAX_WINDOW - WINDOW

/** A window, and the credit that it has given. */
function opened(budget = new WindowBudget(4 * GROWTH), windows = zeromqWindows) {
  const credits: number[] = []
  const window = new ReceiveWindow((bytes) => credits.push(bytes), budget, windows)
  return { window, credits }
}

/** A reader that takes each chunk as it comes. */
function keepUp(window: ReceiveWindow, chunks: number): void {
  for (let left = chunks; left > 0; left--) {
    assert.ok(window.received(HALF))
    window.read(HALF)
  }
}

describe('the receive window', () => {
  it('doubles while its reader keeps up, to its largest size', () => {
    const { window, credits } = opened()
    keepUp(window, 4)
    assert.deepEqual(credits, [HALF + WINDOW, HALF, HALF, HALF])
    assert.ok(window.received(MAX_WINDOW))
    assert.ok(!window.received(1))
  })

  it('over a direct connection gives credit when half of its window is read, and does not grow', () => {
    const { window, credits } = opened(undefined, directWindows)
    const half = directWindows.first / 2
    assert.ok(window.received(directWindows.first))
    window.read(half - 1)
    assert.deepEqual(credits, [])
    window.read(1)
    window.read(half)
    assert.deepEqual(credits, [half, half])
  })

  it('keeps its size while something of what came is unread', () => {
    const { window, credits } = opened()
    assert.ok(window.received(WINDOW))
    window.read(HALF)
    assert.deepEqual(credits, [HALF])
    assert.ok(window.received(HALF))
    assert.ok(!window.received(1))
  })

  it('grows when a reader that was behind has caught up', () => {
    const { window, credits } = opened()
    assert.ok(window.received(WINDOW))
    window.read(HALF)
    window.read(HALF)
    assert.deepEqual(credits, [HALF, HALF + WINDOW])
  })

  it('grows no further than the budget of its session, which gets back what a closed window had', () => {
    const budget = new WindowBudget(4 * GROWTH)
    const first = opened(budget)
    keepUp(first.window, 3)
    const second = opened(budget)
    keepUp(second.window, 1)
    assert.deepEqual(second.credits, [HALF])
    first.window.close()
    first.window.close()
    keepUp(second.window, 3)
    assert.deepEqual(second.credits, [HALF, HALF + WINDOW, HALF, HALF])
    const third = opened(budget)
    keepUp(third.window, 1)
    assert.deepEqual(third.credits, [HALF])
  })

  it('never leaves a sender waiting that uses no more than the first window', () => {
    let credit = WINDOW
    const window = new ReceiveWindow(
      (bytes) => {
        credit = Math.min(WINDOW, credit + bytes)
      },
      new WindowBudget(4 * GROWTH),
      zeromqWindows,
    )
    for (let sent = 0; sent < 20 * WINDOW; ) {
      const bytes = Math.min(credit, 50_000)
      assert.ok(bytes > 0, `no credit after ${sent} bytes`)
      credit -= bytes
      sent += bytes
      assert.ok(window.received(bytes))
      window.read(bytes)
    }
  })
})

describe('the send window', () => {
  it('uses no more credit than the largest window, whatever a peer grants', () => {
    let sent = 0
    const sender = new SendWindow(
      (bytes) => {
        sent += bytes.length
      },
      () => Number.POSITIVE_INFINITY,
      zeromqWindows,
    )
    sender.write(Buffer.alloc(4 * MAX_WINDOW), () => {})
    assert.equal(sent, WINDOW)
    sender.addCredit(2 ** 32 - 1)
    assert.equal(sent, WINDOW + MAX_WINDOW)
  })
})

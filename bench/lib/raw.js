import { Dealer } from 'zeromq'

/** One message for each call; answers come in order. zeromq.js takes one send at a time, so there is a queue. */
export async function rawSingle(endpoint) {
  const dealer = new Dealer({ sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 })
  dealer.connect(endpoint)
  const waiting = []
  const queue = []
  let sending = false
  receive(dealer, ([answer]) => waiting.shift()(answer.length))
  async function pump() {
    sending = true
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await dealer.send(next)
    sending = false
  }
  return {
    call(body) {
      queue.push(body)
      if (!sending) pump()
      return new Promise((resolve) => waiting.push(resolve))
    },
    close: async () => dealer.close(),
  }
}

/** All calls of a turn as the frames of one message. */
export async function rawBatched(endpoint) {
  const dealer = new Dealer({ sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 })
  dealer.connect(endpoint)
  const waiting = []
  let batch = []
  let sending = Promise.resolve()
  receive(dealer, (frames) => {
    for (const frame of frames) waiting.shift()(frame.length)
  })
  function flush() {
    const frames = batch
    batch = []
    sending = sending.then(() => dealer.send(frames))
  }
  return {
    call(body) {
      if (batch.length === 0) process.nextTick(flush)
      batch.push(body)
      return new Promise((resolve) => waiting.push(resolve))
    },
    close: async () => dealer.close(),
  }
}

async function receive(dealer, onMessage) {
  for await (const frames of dealer) onMessage(frames)
}

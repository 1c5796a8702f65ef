import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { Server } from '../../../packages/core/dist/server/server.js'
import { WINDOW } from '../../../packages/core/dist/shared/limits.js'
import { checkOptions } from '../../../packages/core/dist/shared/options/options.js'
import { Counters } from '../../../packages/core/dist/shared/stats.js'
import { PendingRequests } from '../../../packages/core/dist/transport/go/pending-requests.js'
import { Router } from '../../../packages/core/dist/transport/router.js'
import { readPacket } from '../../../packages/core/dist/transport/streams/reader.js'
import { Sessions } from '../../../packages/core/dist/transport/streams/sessions.js'
import { handler } from './handler.js'

const LIMIT = 2 * WINDOW
/** What goes beyond the limit is dropped when it is there. */
export const MOST_BUFFERED = LIMIT + WINDOW

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
const options = checkOptions({
  service: 'foo',
  handler,
  logger: log,
  limits: { streams: 6, buffered: LIMIT, message: 64 * 1024, unzipped: 64 * 1024 },
})
const headers = new Map([['sleuth-wire', '2']])
const PEERS = ['A', 'B'].map((digit, place) => ({
  id: digit.repeat(32),
  name: digit,
  endpoint: `tcp://10.0.0.${place + 2}:50000`,
  address: `10.0.0.${place + 2}`,
  headers,
  groups: new Set(),
}))
const unread = Object.fromEntries(
  [
    'request',
    'response',
    'callerData',
    'serviceData',
    'callerReset',
    'serviceReset',
    'callerCredit',
    'serviceCredit',
  ].map((kind) => [kind, () => {}]),
)

/** A body of which nothing comes by itself: an action writes it. */
const idle = () => ({ next: () => new Promise(() => {}), cancel() {} })

/** A node's serving and calling ends, without the node. */
export class Bench {
  peers = PEERS
  calls = []
  full = false
  broken = false
  #counters = new Counters()
  #node
  #sessions
  #serving

  constructor() {
    this.#node = Object.assign(new EventEmitter(), {
      id: 'U'.repeat(32),
      endpoint: 'tcp://10.0.0.1:49152',
      peers: () => PEERS,
      peer: (wanted) => PEERS.find(({ id }) => id === wanted),
      whisper: (_peer, content) => this.#whisper(content),
    })
    const shared = { node: this.#node, options, counters: this.#counters, log }
    this.#sessions = new Sessions({
      maxStreams: options.limits.streams,
      maxBuffered: LIMIT,
      dropped: (reason) => this.#counters.dropped(reason),
      send: (_peer, packet) => this.#whisper(packet),
      // While it is full, nobody reads what was sent.
      acknowledged: () => (this.full ? new Promise(() => {}) : Promise.resolve(true)),
      now: () => performance.now(),
      maxQueued: 2 ** 30,
      server: () => this.#serving,
      unsent: () => this.#counters.dropped('unsent'),
      indirect() {},
      control() {},
    })
    this.#serving = new Server({ ...shared, service: 'foo', handler })
    const directory = { add() {}, remove() {} }
    const parts = {
      server: this.#serving,
      directory,
      pending: new PendingRequests(),
      sessions: this.#sessions,
      gone: () => {},
    }
    const router = new Router({ ...shared, ...parts })
    router.listen()
  }

  /** What is thrown without a code is counted under this one. */
  receive(peer, content) {
    this.#node.emit('whisper', peer, [content])
    const { SLEUTH_DISPATCH: unknown = 0 } = this.#counters.snapshot(0, undefined).dropped
    assert.equal(unknown, 0, 'something was thrown without a code')
  }

  #whisper(content) {
    if (this.broken) throw new Error('the queue is full')
    if (content[0] === 2) readPacket(content, unread)
  }

  call(peer, body) {
    const call = { ended: 0, body: undefined }
    const request = {
      deadline: 0,
      method: 'POST',
      url: '/',
      headers: ['x', 'y'],
      body: body ?? idle,
      length: undefined,
    }
    call.stream = this.#sessions.to(peer.id).call(request, {
      onBodyRead() {},
      onResponse: (_status, _message, _headers, body) => {
        call.ended++
        call.answered = true
        if (Buffer.isBuffer(body)) return
        call.reader = body
        call.body = body.gather(2 ** 30, () => new Error('too large')).catch(() => {})
      },
      onError: () => {
        call.reader?.fail(new Error('lost'))
        // After a whole response it may still tell of the rest of the request.
        if (!call.answered) call.ended++
      },
      onEnd() {},
    })
    this.calls.push(call)
  }

  gone(peer) {
    this.#node.emit('exit', peer, 'stopped')
  }

  force() {
    this.#sessions.force()
  }

  turn() {
    return new Promise((resolve) => setImmediate(resolve))
  }

  get buffered() {
    return Math.max(...PEERS.map(({ id }) => this.#sessions.to(id).load.buffered))
  }

  get isOver() {
    return !this.#serving.busy
  }

  close() {
    this.broken = false
    this.full = false
    this.closing = PEERS.map(({ id }) => this.#sessions.to(id))
    for (const peer of PEERS) this.gone(peer)
  }

  assertOver() {
    assert.ok(this.isOver, 'a handler never learned that its caller is gone')
    for (const link of this.closing)
      assert.equal(link.load.buffered, 0, 'what is kept for a peer that is gone')
    for (const call of this.calls) assert.equal(call.ended, call.cancelled ? 0 : 1)
    return Promise.all(this.calls.map(({ body }) => body))
  }
}

import { EventEmitter } from 'node:events'
import type * as ZeroMQ from 'zeromq'

/** Milliseconds between two looks at the sockets of a thread. */
const POLL_MS = 1

/** Milliseconds after which a connection that is not made yet is told, if its socket has no time limit of its own. */
const RETRY_MS = 500

/** What waits for something; true once it is there, or will never be. */
type Look = () => boolean

const looks = new Set<Look>()
let timer: NodeJS.Timeout | undefined

/**
 * For worker threads: sockets that nothing waits in. zeromq.js rejects a `receive` that waits, of a socket or a monitor, when
 * the environment of its thread is torn down. JavaScript can't run any more by then, and the whole process aborts (zeromq.js
 * issue 411): with `worker.terminate()`, and with `process.exit()` in any thread. So these sockets are asked each millisecond
 * whether there is something to do, and are read and written only if there is. What their monitors would tell is told by
 * whether they can be written to: with `immediate` they can while the connection has shaken hands.
 */
export function polled(module: typeof ZeroMQ): typeof ZeroMQ {
  class Router extends module.Router {
    constructor(options?: Options<typeof ZeroMQ.Router>) {
      super({ ...options, receiveTimeout: 0, sendTimeout: 0 })
    }

    override async receive(): ReturnType<ZeroMQ.Router['receive']> {
      if (!this.readable) await until(() => this.closed || this.readable)
      return super.receive()
    }
  }
  // Its monitor would tell of strangers that fail to shake hands: in a thread they are not counted.
  Object.defineProperty(Router.prototype, 'events', { get: nothing })

  class Dealer extends module.Dealer {
    constructor(options?: Options<typeof ZeroMQ.Dealer>) {
      super({ ...options, immediate: true, sendHighWaterMark: 0, receiveTimeout: 0, sendTimeout: 0 })
    }

    /** Always 0: `send` waits by itself until the socket can send. */
    override set sendTimeout(_milliseconds: number) {
      super.sendTimeout = 0
    }

    override async receive(): ReturnType<ZeroMQ.Dealer['receive']> {
      if (!this.readable) await until(() => this.closed || this.readable)
      return super.receive()
    }

    override async send(message: Parameters<ZeroMQ.Dealer['send']>[0]): Promise<void> {
      if (!this.writable) await until(() => this.closed || this.writable)
      return super.send(message)
    }
  }
  Object.defineProperty(Dealer.prototype, 'events', {
    get(this: ZeroMQ.Dealer) {
      return watch(this)
    },
  })
  return { ...module, Router, Dealer }
}

type Options<T extends abstract new (...args: never) => unknown> = ConstructorParameters<T>[0]

async function* nothing(): AsyncGenerator<never> {}

/** The events of a connection that the others listen to. A peer that refuses our key looks like one that is not there. */
function watch(socket: ZeroMQ.Dealer): EventEmitter {
  const events = new EventEmitter()
  // libzmq gives up an attempt to connect after this time, and tries again.
  const retry = socket.connectTimeout > 0 ? socket.connectTimeout : RETRY_MS
  let connected = false
  let since = performance.now()
  look(() => {
    if (socket.closed) return true
    const now = performance.now()
    if (socket.writable !== connected) {
      connected = !connected
      since = now
      events.emit(connected ? 'handshake' : 'disconnect')
    } else if (!connected && now - since >= retry) {
      since = now
      events.emit('connect:retry')
    }
    return false
  })
  return events
}

function until(isThere: Look): Promise<void> {
  return new Promise((resolve) => {
    look(() => {
      if (!isThere()) return false
      resolve()
      return true
    })
  })
}

function look(isDone: Look): void {
  looks.add(isDone)
  timer ??= setInterval(lookAtAll, POLL_MS)
}

function lookAtAll(): void {
  for (const isDone of looks) if (isDone()) looks.delete(isDone)
  if (looks.size > 0) return
  clearInterval(timer)
  timer = undefined
}

import { isMainThread } from 'node:worker_threads'
import type { Dealer } from 'zeromq'

/** What is told of the connection of a DEALER that connects to one endpoint. */
export interface ConnectionListener {
  /** The peer's I/O thread has answered. A mere `connect` is not that, the kernel answers for a stopped process. */
  onConnected(): void
  /** The connection was made, and broke. */
  onBroken(): void
  /** None is made yet: an attempt was refused, took too long, or was closed before the handshake. Called at each. */
  onFailed(): void
  /** The peer does not let us in. Only the monitor tells. */
  onRefused?: (() => void) | undefined
}

/**
 * ZMQ_HICCUP_MSG: the message that libzmq puts last of all into what a socket reads when its connection breaks after the handshake.
 * It stays in the process. The option is among the drafts of libzmq, which a build may be without.
 */
const HICCUP_OPTION = 114
/** A peer that sends the same says that its connection is broken, as it can by closing it. */
const HICCUP = Buffer.from('hiccup')
/** The most messages that libzmq holds: its default. */
const HIGH_WATER_MARK = 1000
/** The `sendTimeout` of a socket that waits until it can send. */
const WITHOUT_LIMIT = -1

/**
 * Tells of the connection without a monitor, which takes two more sockets with a descriptor each. A message is read when the
 * descriptor of the socket says that something is new, and says it once: zeromq.js sees no message that had come by when it
 * was asked whether the socket is writable, or waits until it is. So nothing reads while it waits, see `made`, and whoever
 * has asked calls `look`.
 */
export class HiccupWatch {
  readonly #socket: Dealer
  readonly #listener: ConnectionListener
  #connected = false

  private constructor(socket: Dealer, listener: ConnectionListener) {
    this.#socket = socket
    this.#listener = listener
    // libzmq takes a message from the queue after the handshake. With one in it, the socket is writable again when it has.
    socket.sendHighWaterMark = 1
  }

  /**
   * To be called before the socket connects. Undefined where only a monitor can tell: in a build without drafts, and in a worker
   * thread, where no `receive` may wait (see `polled`).
   */
  static of(socket: Dealer, listener: ConnectionListener): HiccupWatch | undefined {
    return isMainThread && setHiccup(socket) ? new HiccupWatch(socket, listener) : undefined
  }

  /**
   * To be called once the socket has been given its first message, and awaited before the second. Resolves when a connection
   * is made and has taken the first, or when the socket is closed.
   */
  async made(): Promise<void> {
    const socket = this.#socket
    // libzmq gives up an attempt after this time at the latest. What has come by now is seen first: we may have stood still.
    const failing = setInterval(() => setImmediate(() => this.#fail()), socket.connectTimeout)
    socket.sendTimeout = WITHOUT_LIMIT
    try {
      // No frame is sent. zeromq.js has no other way to wait until a socket is writable.
      await socket.send([])
    } finally {
      clearInterval(failing)
    }
    if (socket.closed) return
    socket.sendTimeout = 0
    socket.sendHighWaterMark = HIGH_WATER_MARK
    this.#connected = true
    this.#listener.onConnected()
    void this.#untilBroken()
  }

  /** Sees a message that has come. */
  look(): void {
    // zeromq.js looks after each `send`, and this one sends no frame.
    if (this.#connected && !this.#socket.closed) void this.#socket.send([])
  }

  #fail(): void {
    if (!this.#connected && !this.#socket.closed) this.#listener.onFailed()
  }

  /** What a peer sends here is dropped. */
  async #untilBroken(): Promise<void> {
    const socket = this.#socket
    try {
      while (true) {
        const [first] = await socket.receive()
        if (first?.equals(HICCUP)) break
      }
    } catch {
      // The socket was closed.
    }
    if (!socket.closed) this.#listener.onBroken()
  }
}

/** Tells what the monitor of the socket does. */
export function watchByMonitor(socket: Dealer, listener: ConnectionListener): void {
  const { events } = socket
  let connected = false
  events.on('handshake', () => {
    connected = true
    listener.onConnected()
  })
  events.on('disconnect', () => {
    if (connected) listener.onBroken()
  })
  events.on('connect:retry', () => {
    if (!connected) listener.onFailed()
  })
  if (listener.onRefused !== undefined) events.on('handshake:error:auth', listener.onRefused)
}

/** Whether this build of libzmq knows the option. */
function setHiccup(socket: Dealer): boolean {
  try {
    // A protected method, for options that zeromq.js has no name for.
    const { setStringOption } = socket as unknown as Pick<OptionSetter, 'setStringOption'>
    setStringOption.call(socket, HICCUP_OPTION, HICCUP)
    return true
  } catch {
    return false
  }
}

interface OptionSetter {
  setStringOption(this: Dealer, option: number, value: Buffer): void
}

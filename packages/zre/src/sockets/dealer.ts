import type { Context, Dealer } from 'zeromq'
import type { Curve } from './curve.js'
import { isIPv6Endpoint } from './ipv6.js'
import { LINGER_MS } from './message-queue.js'
import { newDealer } from './new-socket.js'

export interface DealerOptions {
  readonly context: Context
  readonly routingId: Buffer
  readonly endpoint: string
  /** Encrypts with our keys, and for the holder of the peer's key alone. */
  readonly curve?: Curve | undefined
  /** Milliseconds within which a host that does not answer any more is noticed. */
  readonly lost: number
  /** The largest message that the peer may send, with encryption. */
  readonly maxAnswer?: number
}

/** Milliseconds until the second attempt to connect. The time doubles with each further attempt. */
const RECONNECT_MS = 20
/** The longest time between two attempts, in milliseconds. */
const MAX_RECONNECT_MS = 500
/** What a peer sends to a mailbox is dropped, unless it is asked to answer there. A handshake fits in this many bytes. */
const MAX_READ = 1024
/** Milliseconds between PINGs of ZMTP, and for the answer: they wake threads of both ends, and there are as many as links. */
const HEARTBEAT_MS = 10_000
const HEARTBEAT_TIMEOUT_MS = 5000
/** TCP may still repeat what it sent when a link in use counts as lost: one that is idle is given more time. */
const LOST_FACTOR = 2

/** The socket of a mailbox, before it connects. `isRead`: what the peer sends on it is read. */
export function openDealer(options: DealerOptions, isRead: boolean): Dealer {
  const { context, routingId, endpoint, curve, lost, maxAnswer = MAX_READ } = options
  return newDealer({
    context,
    linger: LINGER_MS,
    maxMessageSize: maxAnswer,
    // As for the inbox: libzmq stops reading at the mark, heartbeats included.
    ...(isRead && { receiveHighWaterMark: 0 }),
    sendTimeout: 0,
    ipv6: isIPv6Endpoint(endpoint),
    ...timesOf(lost),
    ...curve,
    // The typings say string; the id is bytes.
    routingId: routingId as unknown as string,
  })
}

/**
 * PINGs of ZMTP (RFC 37) are answered by libzmq's I/O thread, however busy the peer's event loop is. They are for links that
 * nobody uses: those in use are watched, see `Watch`. By the time to live the peer's libzmq closes a connection whose other
 * end, ours, has vanished: gyre ignores the next one while it stands.
 */
function timesOf(lost: number) {
  return {
    heartbeatInterval: HEARTBEAT_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    heartbeatTimeToLive: HEARTBEAT_MS + HEARTBEAT_TIMEOUT_MS,
    connectTimeout: Math.round(lost / 3),
    // Linux and Windows: a connection breaks whose other end has not acknowledged what was sent to it for so long. The peer
    // may speak and answer probes all the same: something on the way, such as a firewall, has forgotten this connection alone.
    tcpMaxRetransmitTimeout: LOST_FACTOR * lost,
    // A stopped process accepts connections and does not shake hands.
    handshakeInterval: lost,
    reconnectInterval: RECONNECT_MS,
    reconnectMaxInterval: MAX_RECONNECT_MS,
  }
}

/** The mailbox of one virtual node at another: a way that keeps its order, as a TCP connection does. */
export class VirtualConnection {
  /** Whose it is. */
  readonly from: string
  /** Whom it is for. */
  readonly peer: string
  readonly endpoint: string
  /** Tells its holder. Nothing is told of a link that has been replaced. */
  readonly tell: (type: 'connected' | 'disconnected') => void
  /** False: what is under way is lost. */
  open = true
  /** Which node answered at the endpoint: it is plugged. */
  to: string | undefined
  /** What was sent before it was plugged. */
  waiting: Buffer[][] = []
  /** Bytes that have not arrived yet. */
  queued = 0
  /** What waits for a way to where it is going. */
  readonly held: Buffer[][] = []
  /** How often a connection was refused. */
  refused = 0

  constructor(
    ends: Pick<VirtualConnection, 'from' | 'peer' | 'endpoint'>,
    tell: (type: 'connected' | 'disconnected') => void,
  ) {
    this.from = ends.from
    this.peer = ends.peer
    this.endpoint = ends.endpoint
    this.tell = tell
  }
}

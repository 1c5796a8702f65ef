/** The mailbox of one virtual node at another: a way that keeps its order, as a TCP connection does. */
export class Link {
  readonly endpoint: string
  /** Tells its holder. Nothing is told of a link that has been replaced. */
  readonly tell: (type: 'plugged' | 'unplugged') => void
  /** False: what is under way is lost. */
  open = true
  /** Which node answered at the endpoint: it is plugged. */
  to: string | undefined
  /** What was sent before it was plugged. */
  waiting: Buffer[][] = []
  /** How often a connection was refused. */
  refused = 0

  constructor(endpoint: string, tell: (type: 'plugged' | 'unplugged') => void) {
    this.endpoint = endpoint
    this.tell = tell
  }
}

/** What of a peer's frames is not taken, by the name of its counter. */
export type SessionDrop =
  /** A request is more than `maxBuffered` lets in. */
  | 'peer-buffered'
  /** More than its credit, or a frame that does not fit. */
  | 'peer-protocol'
  /** A request of one who does not read that those before are over. */
  | 'peer-unread'
  /** It is for a stream that never was. */
  | 'unknown-stream'

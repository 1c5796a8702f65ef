export interface HeadLimits {
  /** Characters of the URL. */
  readonly url: number
  /** How many headers. */
  readonly headers: number
  /** Characters of their names and values together. */
  readonly headerBytes: number
}

/** Node's own count of headers; four times as much of a URL, and of headers, as it takes by default. */
export const headLimits: HeadLimits = { url: 16 * 1024, headers: 2000, headerBytes: 64 * 1024 }

/** What a header field costs beside its bytes, as HTTP/2 counts (RFC 7541, section 4.1). */
export const FIELD_BYTES = 32

/** How many bytes of body a sender may send on a stream over ZeroMQ before the receiver gives credit. */
export const WINDOW = 256 * 1024

/**
 * The largest window that a receiver opens on a stream over ZeroMQ, and the most credit that a sender uses. A larger one would
 * let the chunks of one body hold up those of another.
 */
export const MAX_WINDOW = 512 * 1024

/** How many bytes of a body a sender may send without credit, and how many a receiver may let it. */
export interface Windows {
  readonly first: number
  readonly most: number
}

export const zeromqWindows: Windows = { first: WINDOW, most: MAX_WINDOW }

const DIRECT_WINDOW = 1024 * 1024

/** On a connection of its own most bodies need no credit: each wait for that costs as long as the way to the reader and back. */
export const directWindows: Windows = { first: DIRECT_WINDOW, most: DIRECT_WINDOW }

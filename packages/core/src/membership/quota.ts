/** A token bucket. */
interface Bucket {
  tokens: number
  at: number
}

/** How much one member may send. */
export interface Quota {
  readonly bytes: Bucket
  /** Changes of records, which this member forwards. */
  readonly changes: Bucket
  readonly maxRecords: number
}

/** The most bytes at once. A list of the keys of 16,384 records has 128 KiB. */
const BYTES = 4 * 1024 * 1024
const BYTES_PER_SECOND = 128 * 1024
/** The most changes at once and in a second, as multiples of the most records. */
const CHANGES_AT_ONCE = 2
const CHANGES_PER_SECOND = 1 / 20

export function createQuota(maxRecords: number, now: number): Quota {
  return {
    bytes: { tokens: BYTES, at: now },
    changes: { tokens: maxRecords * CHANGES_AT_ONCE, at: now },
    maxRecords,
  }
}

/** Counts a message, if it is within the quota. False if it is not. */
export function takeBytes({ bytes }: Quota, size: number, now: number): boolean {
  return take(bytes, size, BYTES, BYTES_PER_SECOND, now)
}

/** Counts a change, if it is within the quota. False if it is not. */
export function takeChange({ changes, maxRecords }: Quota, now: number): boolean {
  return take(changes, 1, maxRecords * CHANGES_AT_ONCE, maxRecords * CHANGES_PER_SECOND, now)
}

function take(bucket: Bucket, count: number, max: number, perSecond: number, now: number): boolean {
  bucket.tokens = Math.min(max, bucket.tokens + ((now - bucket.at) / 1000) * perSecond)
  bucket.at = now
  if (bucket.tokens < count) return false
  bucket.tokens -= count
  return true
}

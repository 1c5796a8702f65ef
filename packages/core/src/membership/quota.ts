/** A token bucket. */
interface Bucket {
  tokens: number
  at: number
}

/** What one member may tell. */
export interface Quota {
  readonly bytes: Bucket
  /** Records that change what we know, so that we tell others. */
  readonly changes: Bucket
  readonly maxRecords: number
}

/** At once, and a second. A list of the keys of 16,384 records has 128 KiB. */
const BYTES = 4 * 1024 * 1024
const BYTES_PER_SECOND = 128 * 1024
/** At once, a multiple of the most records that are kept; and a second, a part of them. */
const CHANGES_AT_ONCE = 2
const CHANGES_PER_SECOND = 1 / 20

export function createQuota(maxRecords: number, now: number): Quota {
  return {
    bytes: { tokens: BYTES, at: now },
    changes: { tokens: maxRecords * CHANGES_AT_ONCE, at: now },
    maxRecords,
  }
}

/** Whether a message of so many bytes is within the quota, and counts it. */
export function takeBytes({ bytes }: Quota, size: number, now: number): boolean {
  return take(bytes, size, BYTES, BYTES_PER_SECOND, now)
}

/** Whether one more change is within the quota, and counts it. */
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

import { sleuthError } from '../../shared/errors.js'
import { gzipStored } from './gzip.js'

/** What the receiver is to do: reply to a request, or receive a reply (sleuth.go). */
export type Action = 'REPL' | 'RECV'

const actionSize = 4

/** The content of a whisper: group, action, and gzip of `json`. */
export function sealEnvelope(group: string, action: Action, json: string): Buffer {
  return gzipStored(group + action, json)
}

/** Splits the content of a whisper (client.go, dispatch). Throws 914 and 915. */
export function openEnvelope(group: string, content: Buffer): { action: Action; zipped: Buffer } {
  const groupSize = Buffer.byteLength(group)
  const start = groupSize + actionSize
  if (content.length < start || content.toString('utf8', 0, groupSize) !== group) {
    throw sleuthError('SLEUTH_DISPATCH_HEADER', { group })
  }
  const action = content.toString('latin1', groupSize, start)
  if (action !== 'REPL' && action !== 'RECV') {
    throw sleuthError('SLEUTH_DISPATCH_ACTION', { action })
  }
  return { action, zipped: content.subarray(start) }
}

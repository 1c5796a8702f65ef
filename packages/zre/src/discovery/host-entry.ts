import { parseEndpoint } from '../wire/endpoint.js'
import { isNodeId, type NodeId } from '../wire/identity.js'
import { isPublicKey, type PublicKey } from '../wire/key.js'

/** What a node writes of itself into the directory of its host. */
export interface HostEntry {
  readonly id: NodeId
  readonly endpoint: string
  readonly publicKey: PublicKey | undefined
  readonly pid: number
  /** Of which the process id is one: in a container it may be another's. Undefined where there is no such thing. */
  readonly pidNamespace: string | undefined
}

/** The largest file that is read, in bytes. */
export const MAX_ENTRY_BYTES = 4096

export function encodeEntry(entry: HostEntry): string {
  return `${JSON.stringify(entry)}\n`
}

/** Undefined for what is none: anyone of the same user can write there. */
export function decodeEntry(text: string): HostEntry | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { id, endpoint, publicKey, pid, pidNamespace } = value as Record<string, unknown>
  if (typeof id !== 'string' || !isNodeId(id)) return undefined
  if (typeof endpoint !== 'string' || parseEndpoint(endpoint) === undefined) return undefined
  if (publicKey !== undefined && (typeof publicKey !== 'string' || !isPublicKey(publicKey))) return undefined
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined
  if (pidNamespace !== undefined && typeof pidNamespace !== 'string') return undefined
  return { id, endpoint, publicKey, pid, pidNamespace }
}

import { token } from './canonical.js'
import { isHopByHop } from './hop-by-hop.js'
import { isOwnHeader } from './own-headers.js'

/** What a header field is, by its name. */
export type FieldKind =
  | 'end-to-end'
  | 'date'
  | 'host'
  | 'expect'
  | 'content-length'
  | 'connection'
  | 'trailer'
  | 'transfer-encoding'
  /** One of the others that are about one connection. */
  | 'hop-by-hop'
  /** Sleuth's own. */
  | 'own'
  /** No name that HTTP has. */
  | 'invalid'

/** A peer may send any names, so the cache has a bound, and takes no long ones. */
const MAX_CACHED = 1000
const MAX_CACHED_LENGTH = 64
const cache = new Map<string, FieldKind>()

/** One look-up for a name that was met before; a service meets few. */
export function fieldKind(name: string): FieldKind {
  const known = cache.get(name)
  if (known !== undefined) return known
  const kind = kindOf(name)
  if (cache.size < MAX_CACHED && name.length <= MAX_CACHED_LENGTH) cache.set(name, kind)
  return kind
}

function kindOf(name: string): FieldKind {
  if (!token.test(name)) return 'invalid'
  const lower = name.length <= MAX_CACHED_LENGTH ? name.toLowerCase() : ''
  switch (lower) {
    case 'connection':
    case 'content-length':
    case 'date':
    case 'expect':
    case 'host':
    case 'trailer':
    case 'transfer-encoding':
      return lower
  }
  if (isHopByHop(name)) return 'hop-by-hop'
  return isOwnHeader(name) ? 'own' : 'end-to-end'
}

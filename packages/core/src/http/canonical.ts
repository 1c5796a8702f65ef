/** RFC 9110 section 5.6.2: what a method and a header's name are made of. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

// A service meets few names, but a peer may send any: the cache must not grow with what it sends.
const cacheSize = 1000
const cache = new Map<string, string>()

/**
 * The form in which Go's `Header.Get` finds a name (net/textproto CanonicalMIMEHeaderKey): `content-type` becomes
 * `Content-Type`. A name that is no token is left as it is.
 */
export function canonicalName(name: string): string {
  const known = cache.get(name)
  if (known !== undefined) return known
  const canonical = token.test(name)
    ? name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
    : name
  if (cache.size < cacheSize) cache.set(name, canonical)
  return canonical
}

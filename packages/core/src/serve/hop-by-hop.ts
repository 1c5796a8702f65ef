/**
 * Fields about one connection (RFC 9110, section 7.6.1), which neither end carries over: each side makes its
 * framing anew. Switching on the length first spares nearly every name its lower-case copy. `trailer` is left
 * to who knows whether trailers are carried.
 */
export function isHopByHop(name: string): boolean {
  switch (name.length) {
    case 2:
      return name.toLowerCase() === 'te'
    case 7:
      return name.toLowerCase() === 'upgrade'
    case 10: {
      const lower = name.toLowerCase()
      return lower === 'connection' || lower === 'keep-alive'
    }
    case 16:
      return name.toLowerCase() === 'proxy-connection'
    case 17:
      return name.toLowerCase() === 'transfer-encoding'
    default:
      return false
  }
}

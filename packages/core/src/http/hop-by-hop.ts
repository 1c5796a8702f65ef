/**
 * Fields about one connection (RFC 9110, sections 7.6.1 and 11.7), which neither end carries over: each side makes its
 * framing anew, and trailers are not carried. Switching on the length spares nearly every name its lower-case copy.
 */
export function isHopByHop(name: string): boolean {
  switch (name.length) {
    case 2:
      return name.toLowerCase() === 'te'
    case 7: {
      const lower = name.toLowerCase()
      return lower === 'upgrade' || lower === 'trailer'
    }
    case 10:
      return isConnection(name) || name.toLowerCase() === 'keep-alive'
    case 17:
      if (name.toLowerCase() === 'transfer-encoding') return true
  }
  return (name[0] === 'P' || name[0] === 'p') && name.slice(0, 6).toLowerCase() === 'proxy-'
}

export function isConnection(name: string): boolean {
  return name.length === 10 && name.toLowerCase() === 'connection'
}

/** The fields less those that `connection` names: they are about the connection too. */
export function withoutNamed(fields: string[], connection: string): string[] {
  const named = new Set(connection.toLowerCase().match(/[^\t ,]+/g))
  const isNamed = (name: string) => named.has(name.toLowerCase())
  return fields.some((text, place) => place % 2 === 0 && isNamed(text)) ? without(fields, isNamed) : fields
}

/** `fields` alternates names and values. */
export function without(fields: readonly string[], isOut: (name: string) => boolean): string[] {
  const kept: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (!isOut(name)) kept.push(name, fields[i + 1] as string)
  }
  return kept
}

/** The values of `connection`, joined as HTTP joins them. */
function connectionOf(fields: readonly string[]): string {
  let value = ''
  for (let i = 0; i < fields.length; i += 2)
    if (isConnection(fields[i] as string)) value += `,${fields[i + 1]}`
  return value
}

/** The fields that are carried. */
export function endToEnd(fields: readonly string[]): string[] {
  return withoutNamed(without(fields, isHopByHop), connectionOf(fields))
}

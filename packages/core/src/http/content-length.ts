export function isContentLength(name: string): boolean {
  return name.length === 14 && name.toLowerCase() === 'content-length'
}

/**
 * What the fields say; undefined if they say nothing, and null for what is no length, or for two of them: Node's parser
 * takes neither.
 */
export function contentLength(fields: readonly string[]): number | null | undefined {
  let length: number | undefined
  for (let i = 0; i < fields.length; i += 2) {
    if (!isContentLength(fields[i] as string)) continue
    const value = fields[i + 1] as string
    if (length !== undefined || !isLength(value)) return null
    length = Number(value)
  }
  return length
}

export function isLength(value: string): boolean {
  return /^[\t ]*[0-9]+[\t ]*$/.test(value) && Number.isSafeInteger(Number(value))
}

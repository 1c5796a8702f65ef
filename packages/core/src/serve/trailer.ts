/** Trailers are not carried, and what is not carried is not announced. */
export function withoutTrailer(headers: string[]): string[] {
  if (!headers.some(isTrailer)) return headers
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (!isTrailer(name, i)) kept.push(name, headers[i + 1] as string)
  }
  return kept
}

/** Names are at the even places. */
function isTrailer(text: string, place: number): boolean {
  return place % 2 === 0 && text.length === 7 && text.toLowerCase() === 'trailer'
}

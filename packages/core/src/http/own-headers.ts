/** Set on every answer that sleuth gives in the handler's place, so that it can be told from the app's own. */
export const errorHeader = 'X-Sleuth-Error'

/** On wire 1 beside the other: the call's own handle, which no handler knows, and none of a Go peer's. */
export const handleHeader = 'X-Sleuth-Handle'

const prefix = 'x-sleuth-'

/** Whether it is for sleuth alone to say. What apps and callers write under such a name is not carried. */
export function isOwnHeader(name: string): boolean {
  const first = name[0]
  if (first !== 'x' && first !== 'X') return false
  return name.length > prefix.length && name.slice(0, prefix.length).toLowerCase() === prefix
}

/** Why a request was given to no handler, though another instance may well take it. */
export type Rejection = 'draining' | 'overloaded'

export function isRejection(why: string | undefined): why is Rejection {
  return why === 'draining' || why === 'overloaded'
}

/** The value of the first field of that name. */
export function fieldOf(headers: readonly string[], name: string): string | undefined {
  const wanted = name.toLowerCase()
  for (let i = 0; i < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() === wanted) return headers[i + 1]
  }
  return undefined
}

import { fastBodyOf } from './fast-response.js'
import { honoBodyOf } from './hono-body.js'

/**
 * What `Response` of Node 20 and 22 keeps of a body: the text or the bytes that it was made of. Node 24 keeps it where nobody
 * can see it, and there the body is read as a stream, like everywhere if this looks different.
 */
interface State {
  readonly body?: { readonly source?: unknown } | null
}

const stateKey = Object.getOwnPropertySymbols(new Response()).find(
  ({ description }) => description === 'state',
)

/** The whole body of a response that was made of text or bytes, without the stream that it has as well. */
export function wholeBody(response: Response): string | Uint8Array | undefined {
  const fast = fastBodyOf(response)
  if (fast !== undefined) return fast
  const ofHono = honoBodyOf(response)
  if (ofHono !== undefined) return ofHono
  if (stateKey === undefined || response.body?.locked) return undefined
  const source = (response as unknown as Record<symbol, State | undefined>)[stateKey]?.body?.source
  return typeof source === 'string' || source instanceof Uint8Array ? source : undefined
}

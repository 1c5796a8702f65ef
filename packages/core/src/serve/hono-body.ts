/**
 * The `Response` of `@hono/node-server`, which replaces the global one, makes a real one when it is asked for more than status and
 * headers. Until then it keeps, under this symbol, what it is to be made of: status, body and headers.
 */
let cacheKey = cacheKeyOf(new Response(''))
const { prototype } = Response

function cacheKeyOf(response: object): symbol | undefined {
  return Object.getOwnPropertySymbols(response).find(({ description }) => description === 'cache')
}

/** The text or bytes that a `Response` of `@hono/node-server` is to be made of. To make it takes twice as long as a call. */
export function honoBodyOf(response: object): string | Uint8Array | undefined {
  if (cacheKey === undefined && Object.getPrototypeOf(response) !== prototype) cacheKey = cacheKeyOf(response)
  if (cacheKey === undefined) return undefined
  const cached = (response as Record<symbol, unknown>)[cacheKey]
  const body: unknown = Array.isArray(cached) ? cached[1] : undefined
  return typeof body === 'string' || body instanceof Uint8Array ? body : undefined
}

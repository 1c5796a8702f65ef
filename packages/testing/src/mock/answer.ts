/** A `Response`; a status; a text; bytes; or anything else, as JSON. */
export type MockAnswer = Response | number | string | object | boolean | null

/** `params` are those of a route. */
export type MockFunction = (
  request: Request,
  params: Readonly<Record<string, string>>,
) => MockAnswer | Promise<MockAnswer>

export type Answerer = (request: Request) => Promise<Response>

/** The response of what a test has said. */
export async function answer(
  what: MockAnswer | MockFunction,
  request: Request,
  params: Readonly<Record<string, string>>,
): Promise<Response> {
  const said = typeof what === 'function' ? await what(request, params) : what
  // The same one may be given again.
  if (said instanceof Response) return said.clone()
  if (typeof said === 'number') return new Response(null, { status: said })
  if (typeof said === 'string') return new Response(said)
  if (said instanceof Uint8Array) return new Response(said)
  if (said === undefined) throw new TypeError('the function of the mock returned nothing')
  return Response.json(said)
}

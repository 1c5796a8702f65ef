import type { RequestListener } from '@sleuth/core'
import { isRoutes, router } from './routes.js'

/** A `Response`; a status; a text; or anything else, as JSON. */
export type MockAnswer = Response | number | string | object | boolean | null

/** `params` are those of a route. */
export type MockFunction = (
  request: Request,
  params: Readonly<Record<string, string>>,
) => MockAnswer | Promise<MockAnswer>

/** By method and path, or by path alone: `{ 'GET /authors/:id': (request, { id }) => ({ id }), '/health': 204 }`. */
export type MockRoutes = Readonly<Record<`${string}/${string}`, MockAnswer | MockFunction>>

/**
 * What a mock answers: always the same, by a function of the `Request`, by routes, or by a Node listener, which is a function with
 * two parameters or more (an Express app, `app.callback()` of Koa).
 */
export type MockHandler =
  | MockAnswer
  | ((request: Request) => MockAnswer | Promise<MockAnswer>)
  | MockRoutes
  | RequestListener

export type Answerer = (request: Request) => Promise<Response>

export function isListener(handler: MockHandler): handler is RequestListener {
  return typeof handler === 'function' && handler.length >= 2
}

export function answererOf(handler: Exclude<MockHandler, RequestListener>): Answerer {
  if (isRoutes(handler)) return router(handler as MockRoutes)
  return async (request) => answer(handler as MockAnswer | MockFunction, request, {})
}

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
  if (said === undefined) throw new TypeError('the function of the mock returned nothing')
  return Response.json(said)
}

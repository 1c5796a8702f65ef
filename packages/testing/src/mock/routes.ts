import { sleuthError } from '@sleuth/core/adapter'
import { match } from 'path-to-regexp'
import { type Answerer, answer, type MockAnswer, type MockFunction } from './answer.js'

/** By method and path, or by path alone: `{ 'GET /authors/:id': (request, { id }) => ({ id }), '/health': 204 }`. */
export type MockRoutes = Readonly<Record<`${string}/${string}`, MockAnswer | MockFunction>>

/** A method, perhaps, and a path. */
const PLACE = /^(?:([a-z]+) +)?(\/.*)$/i

/** Whether each key is a place. An object that has none is an answer. Throws for one that has both: a key is written wrong. */
export function isRoutes(handler: unknown): handler is MockRoutes {
  if (typeof handler !== 'object' || handler === null || Object.getPrototypeOf(handler) !== Object.prototype)
    return false
  const keys = Object.keys(handler)
  const places = keys.filter((key) => PLACE.test(key))
  if (places.length === 0 || places.length === keys.length) return places.length > 0
  const [other] = keys.filter((key) => !PLACE.test(key))
  const problem = `has the route "${places[0]}" beside "${other}", which is none: write it as "GET /path" or "/path"`
  throw sleuthError('SLEUTH_ARGUMENT', { argument: 'the handler of the mock', problem })
}

/** The first route that fits answers, in the order of the object. */
export function router(routes: MockRoutes): Answerer {
  const table = Object.entries(routes).map(([place, what]) => {
    const [, method, path = ''] = PLACE.exec(place) ?? []
    return { method: method?.toUpperCase(), matches: match<Record<string, string>>(path), what }
  })
  return async (request) => {
    const { pathname } = new URL(request.url)
    for (const { method, matches, what } of table) {
      if (
        method !== undefined &&
        method !== request.method &&
        !(method === 'GET' && request.method === 'HEAD')
      )
        continue
      const found = matches(pathname)
      if (found) return answer(what, request, found.params)
    }
    return new Response(`No route of this mock is for ${request.method} ${pathname}.`, { status: 404 })
  }
}

import type { RequestListener } from '@sleuth/core'
import { type Answerer, answer, type MockAnswer, type MockFunction } from './answer.js'
import { isRoutes, type MockRoutes, router } from './routes.js'

/**
 * What a mock answers: always the same, by a function of the `Request`, by routes, or by a Node listener, which is a function with
 * two parameters or more (an Express app, `app.callback()` of Koa).
 */
export type MockHandler = MockAnswer | SimpleMockFunction | MockRoutes | RequestListener | Fetcher

/** An app that takes a `Request`, such as Hono's. */
interface Fetcher {
  fetch(request: Request): Response | Promise<Response>
}

export type SimpleMockFunction = (request: Request) => MockAnswer | Promise<MockAnswer>

export function isListener(handler: MockHandler): handler is RequestListener {
  return typeof handler === 'function' && handler.length >= 2
}

/** Whether this is meant as an answer: what a listener returns has none of these forms. */
export function isAnswer(returned: unknown): boolean {
  if (typeof returned === 'string' || returned instanceof Response || Array.isArray(returned)) return true
  return (
    typeof returned === 'object' && returned !== null && Object.getPrototypeOf(returned) === Object.prototype
  )
}

export function answererOf(handler: Exclude<MockHandler, RequestListener>): Answerer {
  if (isRoutes(handler)) return router(handler)
  if (isFetcher(handler)) return async (request) => handler.fetch(request)
  return async (request) => answer(handler as MockAnswer | MockFunction, request, {})
}

function isFetcher(handler: unknown): handler is Fetcher {
  return typeof (handler as Partial<Fetcher> | null)?.fetch === 'function'
}

import type { DefaultState, Middleware } from 'koa'

/** A part of the app. The context is open, since a router's own is wider than that of plain middleware. */
// biome-ignore lint/suspicious/noExplicitAny: Koa's types are invariant in the context, and routers widen it
export type Part = Middleware<DefaultState, any>

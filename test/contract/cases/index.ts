import type { Framework, Group } from '../harness/case.js'
import { jsonBodies, otherBodies, replyKinds } from './bodies.js'
import { errors, streams } from './errors.js'
import { express } from './express.js'
import { fastify } from './fastify.js'
import { conditional, ranges, statics } from './files.js'
import { cookies, headers, redirects } from './headers.js'
import { hono } from './hono.js'
import { koa } from './koa.js'
import { compression, cors, helmet, logs, rateLimits, sessions } from './middleware.js'
import { paths } from './paths.js'
import { mounts, routing } from './routing.js'

const shared = [
  routing,
  mounts,
  paths,
  jsonBodies,
  otherBodies,
  replyKinds,
  headers,
  redirects,
  cookies,
  conditional,
  statics,
  ranges,
  errors,
  streams,
  compression,
  cors,
  logs,
]

/** What each framework is put to: the shared cases, those of middleware that it has, and its own. */
export const contract: Readonly<Record<Framework, readonly Group[]>> = {
  express: [...shared, helmet, sessions, rateLimits, express],
  fastify: [...shared, helmet, rateLimits, fastify],
  hono: [...shared, helmet, hono],
  koa: [...shared, sessions, koa],
}

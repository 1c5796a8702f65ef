import { suite } from './harness/suite.js'

// HTTP is by `serve` as well, which refuses TRACE. Without a middleware Hono answers 404 for a handler that gives no Response.
const otherwise = ['method TRACE', 'no Response']

await suite('hono', { host: 'fetch', otherwise })

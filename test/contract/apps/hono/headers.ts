import type { Hono } from 'hono'
import { etag } from 'hono/etag'
import type { Env } from './app.js'

/** Routes that are about headers of a reply. */
export function headers(app: Hono<Env>): void {
  app.get('/many-headers', (c) => {
    for (const value of ['one', 'two']) c.header('X-Many', value, { append: true })
    for (const value of ['<a>; rel=next', '<b>; rel=last']) c.header('Link', value, { append: true })
    c.header('X-Empty', '')
    c.header('X-Case-Kept', 'Yes')
    c.header('Vary', 'Accept, Origin')
    return c.text('many')
  })
  app.get('/etag', etag({ weak: true }), (c) => c.json({ tagged: true }))
  app.get('/own-etag', etag(), (c) => c.text('tagged', 200, { ETag: '"mine"' }))
  app.get('/modified', (c) => {
    const modified = 'Wed, 21 Oct 2015 07:28:00 GMT'
    c.header('Last-Modified', modified)
    return c.req.header('if-modified-since') === modified ? c.body(null, 304) : c.text('modified')
  })
}

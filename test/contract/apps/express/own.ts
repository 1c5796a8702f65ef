import { join } from 'node:path'
import express, { type Router } from 'express'
import { text } from '../content.js'

/** What only Express has. */
export function own(site: string): Router {
  const router = express.Router()
  router.get('/send-file', (_req, res) => void res.sendFile(join(site, 'digits.txt')))
  router.get('/send-file/missing', (_req, res, next) => void res.sendFile(join(site, 'absent.txt'), next))
  router.get('/send-file/root', (_req, res) => {
    res.sendFile('digits.txt', {
      root: site,
      headers: { 'X-Sent': 'yes' },
      lastModified: false,
      maxAge: '1h',
    })
  })
  router.get('/download', (_req, res) => void res.download(join(site, 'digits.txt'), 'zähler.txt'))
  router.get('/attachment', (_req, res) => void res.attachment('a.pdf').send('pdf'))
  router.get('/jsonp', (_req, res) => void res.jsonp({ a: '\u2028<script>' }))
  router.get('/format', (_req, res) => {
    res.format({
      text: () => void res.send('text'),
      html: () => void res.send('<p>html</p>'),
      json: () => void res.json({ json: true }),
    })
  })
  router.get('/send-status/:code', (req, res) => void res.sendStatus(Number(req.params.code)))
  router.get(
    '/links',
    (_req, res) => void res.links({ next: '/n', last: '/l' }).location('/somewhere').send('links'),
  )
  router.get('/raw/write-head', (_req, res) => {
    res.writeHead(201, 'Made', { 'Content-Type': 'text/plain', 'X-Pairs': ['a', 'b'] })
    res.end('written')
  })
  router.get('/raw/implicit', (_req, res) => {
    res.statusCode = 203
    res.setHeader('X-Implicit', 'yes')
    res.write('a')
    res.end('b')
  })
  router.get('/raw/head-only', (_req, res) => void res.writeHead(200, { 'X-Nothing': 'else' }).end())
  router.get('/res-state', (_req, res) => {
    const before = { headersSent: res.headersSent, ended: res.writableEnded, names: res.getHeaderNames() }
    res.setHeader('X-Before', JSON.stringify(before))
    res.send(text.slice(0, 10))
  })
  router.get(
    '/jump',
    (_req, _res, next) => next('route'),
    (_req, res) => void res.send('not this'),
  )
  router.get('/jump', (_req, res) => void res.send('this'))
  router.param('even', (_req, _res, next, value) => next(Number(value) % 2 === 0 ? undefined : 'route'))
  router.get('/param/:even', (req, res) => void res.send(`even ${req.params.even}`))
  router
    .route('/chained')
    .get((_req, res) => void res.send('got'))
    .post((_req, res) => void res.send('posted'))
  return router
}

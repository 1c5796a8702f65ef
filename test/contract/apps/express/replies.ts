import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import express, { type Router } from 'express'
import { binary, boom, mebibyte, text, unicode } from '../content.js'

/** Routes that need no body: what a request says, and every way of answering. */
export function replies(site: string): Router {
  const router = express.Router()
  routing(router)
  plain(router)
  headers(router)
  failures(router)
  streams(router, site)
  router.use('/static', express.static(site, { maxAge: 60_000 }))
  router.use('/dotfiles', express.static(site, { dotfiles: 'allow', index: false, redirect: false }))
  return router
}

function routing(router: Router): void {
  router.all('/method', (req, res) => {
    res.set('x-method', req.method).send(req.method)
  })
  router.get('/users/:id', (req, res) => void res.json({ id: req.params.id, query: req.query }))
  router.get('/users/:id/books/:book', (req, res) => void res.json(req.params))
  router.get('/wild/*rest', (req, res) => void res.json({ rest: req.params.rest, url: req.url }))
  router.get('/query', (req, res) => void res.json(req.query))
  router.get('/headers', (req, res) => {
    const { host, connection, ...rest } = req.headers
    res.json(rest)
  })
  router.get('/whoami', (req, res) => {
    res.json({
      ip: req.ip,
      ips: req.ips,
      hostname: req.hostname,
      protocol: req.protocol,
      secure: req.secure,
      subdomains: req.subdomains,
      xhr: req.xhr,
      path: req.path,
      originalUrl: req.originalUrl,
      httpVersion: req.httpVersion,
      httpVersionMajor: req.httpVersionMajor,
      remoteAddress: req.socket.remoteAddress,
      remoteFamily: req.socket.remoteFamily,
      aborted: req.aborted,
      host: req.headers.host,
      accepts: req.accepts('json', 'html'),
      languages: req.acceptsLanguages('de', 'en'),
    })
  })
}

function plain(router: Router): void {
  router.get('/', (_req, res) => void res.send('home'))
  router.get('/text', (_req, res) => void res.type('text/plain').send('hello'))
  router.get('/html', (_req, res) => void res.send('<p>hello</p>'))
  router.get('/json', (_req, res) => void res.json({ hello: 'world', list: [1, 2, 3], none: null }))
  router.get('/unicode', (_req, res) => void res.type('text/plain').send(unicode))
  router.get('/binary', (_req, res) => void res.type('application/octet-stream').send(binary))
  router.get('/large', (_req, res) => void res.type('text/plain').send(mebibyte))
  router.get('/nothing', (_req, res) => void res.status(204).end())
  router.get('/empty', (_req, res) => void res.status(200).end())
  router.get('/empty-string', (_req, res) => void res.send(''))
  router.get(
    '/status/:code',
    (req, res) => void res.status(Number(req.params.code)).send(`code ${req.params.code}`),
  )
  router.get('/phrase', (_req, res) => {
    res.statusMessage = 'Quite Fine'
    res.send('a phrase of its own')
  })
  router.get('/async', async (_req, res) => {
    await turn()
    res.json({ waited: true })
  })
  router.get('/redirect', (_req, res) => void res.redirect('/text'))
  router.get(
    '/redirect/:code',
    (req, res) => void res.redirect(Number(req.params.code), 'https://example.test/a?b=c#d'),
  )
  router.get('/back', (req, res) => void res.redirect(req.get('referer') ?? '/'))
}

function headers(router: Router): void {
  router.get('/many-headers', (_req, res) => {
    res.append('X-Many', 'one').append('X-Many', 'two')
    res.set('Link', ['<a>; rel=next', '<b>; rel=last']).vary('Accept').vary('Origin')
    res.set('X-Empty', '').set('X-Case-Kept', 'Yes').send('many')
  })
  router.get('/etag', (_req, res) => void res.json({ tagged: true }))
  router.get('/own-etag', (_req, res) => void res.set('ETag', '"mine"').send('tagged'))
  router.get('/modified', (_req, res) => {
    res.set('Last-Modified', 'Wed, 21 Oct 2015 07:28:00 GMT').send('modified')
  })
}

function failures(router: Router): void {
  router.get('/throw', () => {
    throw boom()
  })
  router.get('/reject', async () => {
    await turn()
    throw boom('later', { status: 503 })
  })
  router.get('/error/:status', (req) => {
    throw boom('asked for', { status: Number(req.params.status) })
  })
  router.get('/default-handler', () => {
    throw boom('unhandled')
  })
  router.get('/default-handler/:status', (req) => {
    throw boom('unhandled', { status: Number(req.params.status), headers: { 'X-From-Error': 'yes' } })
  })
  router.get('/after-head', (_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 1000 })
    res.write('begun')
    setImmediate(() => res.destroy())
  })
}

function streams(router: Router, site: string): void {
  router.get('/stream/chunks', async (_req, res) => {
    res.type('text/plain')
    for (const chunk of ['one,', 'two,', 'three']) {
      res.write(chunk)
      await turn()
    }
    res.end()
  })
  router.get('/stream/flushed', async (_req, res) => {
    res.set('Content-Type', 'text/event-stream').flushHeaders()
    await turn()
    res.write('data: 1\n\n')
    res.end('data: 2\n\n')
  })
  router.get('/stream/known-length', (_req, res) => {
    res.set('Content-Length', '10').type('text/plain')
    Readable.from(['01234', '56789']).pipe(res)
  })
  router.get(
    '/stream/file',
    (_req, res) => void createReadStream(join(site, 'digits.txt')).pipe(res.type('txt')),
  )
  router.get('/stream/large', async (_req, res) => {
    await pipeline(createReadStream(join(site, 'big.bin')), res.type('bin'))
  })
  router.get(
    '/stream/text',
    (_req, res) => void Readable.from([text.slice(0, 99), text.slice(99)]).pipe(res.type('txt')),
  )
}

import { Readable } from 'node:stream'
import compression from 'compression'
import cookieParser from 'cookie-parser'
import cors from 'cors'
import express, { type Router } from 'express'
import { rateLimit } from 'express-rate-limit'
import session from 'express-session'
import helmet from 'helmet'
import morgan from 'morgan'
import { clientHeader, text } from '../content.js'

declare module 'express-session' {
  interface SessionData {
    views: number
  }
}

/** Routes behind the middleware that people use. */
export function middleware(): Router {
  const router = express.Router()
  router.use('/cookies', cookies())
  router.use('/compressed', compressed())
  router.use('/secured', helmet(), (_req, res) => void res.send('secured'))
  router.use(
    '/cors',
    cors({ origin: 'https://app.example.test', credentials: true, maxAge: 600 }),
    (_req, res) => {
      res.json({ allowed: true })
    },
  )
  router.use(
    '/session',
    session({ secret: 'keyboard cat', resave: false, saveUninitialized: false }),
    (req, res) => {
      req.session.views = (req.session.views ?? 0) + 1
      res.json({ views: req.session.views })
    },
  )
  router.use('/limited', limited(), (_req, res) => void res.send('within the limit'))
  router.use(logged())
  return router
}

function cookies(): Router {
  const router = express.Router()
  router.use(cookieParser('a secret'))
  router.get('/set', (_req, res) => {
    res
      .cookie('plain', 'a b;c')
      .cookie('signed', 'yes', { signed: true, httpOnly: true, sameSite: 'lax', expires: new Date(0) })
    res.cookie('object', { a: 1 }, { path: '/cookies', secure: true }).send('set')
  })
  router.get('/read', (req, res) => void res.json({ plain: req.cookies, signed: req.signedCookies }))
  router.get('/clear', (_req, res) => void res.clearCookie('plain').send('cleared'))
  return router
}

function compressed(): Router {
  const router = express.Router()
  router.use(compression({ threshold: 100 }))
  router.get('/text', (_req, res) => void res.type('text/plain').send(text))
  router.get('/small', (_req, res) => void res.type('text/plain').send('small'))
  router.get('/stream', (_req, res) => void Readable.from([text, text]).pipe(res.type('txt')))
  return router
}

function limited(): express.RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: 2,
    legacyHeaders: true,
    standardHeaders: 'draft-7',
    keyGenerator: (req) => String(req.headers[clientHeader]),
  })
}

/** A line for each request, handed out to the client that made it. */
function logged(): Router {
  const lines: string[] = []
  const router = express.Router()
  const format = ':remote-addr :method :url HTTP/:http-version :status :res[content-length] :req[x-client]'
  router.use('/logged', morgan(format, { stream: { write: (line) => void lines.push(line) } }))
  router.get('/logged/:what', (req, res) => void res.send(req.params.what))
  router.get('/log', (req, res) => {
    const client = String(req.headers[clientHeader])
    res.json(lines.filter((line) => line.includes(client)).map((line) => line.replace(client, 'client')))
  })
  return router
}

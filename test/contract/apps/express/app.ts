import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { bodies } from './bodies.js'
import { middleware } from './middleware.js'
import { own } from './own.js'
import { replies } from './replies.js'

/** The app that the contract is put to. `first` is mounted before everything else: sleuth's middleware. */
export function expressApp(site: string, first?: RequestHandler): Express {
  const app = express()
  app.set('env', 'test')
  app.set('subdomain offset', 2)
  if (first) app.use(first)
  app.use(replies(site))
  app.use(bodies())
  app.use(middleware())
  app.use(own(site))
  app.use('/sub', mounted())
  app.use('/proxied', proxied())
  app.use((req, res) => {
    res.status(404).json({ missing: req.url, method: req.method })
  })
  app.use(errors)
  return app
}

/** An app of its own, as a team would mount it: settings, routes and error handling apart. */
function mounted(): Express {
  const sub = express()
  sub.disable('x-powered-by')
  sub.set('json spaces', 2)
  sub.get('/', (req, res) => {
    res.json({ baseUrl: req.baseUrl, url: req.url, originalUrl: req.originalUrl })
  })
  sub.get('/things/:thing', (req, res) => {
    res.json({ thing: req.params.thing, path: req.path, mountpath: req.app.mountpath })
  })
  sub.get('/throw', () => {
    throw boomInside
  })
  sub.use(
    '/deeper',
    express().get('/still', (req, res) => void res.send(req.baseUrl)),
  )
  return sub
}

/** An app that believes what a proxy says. */
function proxied(): Express {
  const sub = express()
  sub.set('trust proxy', true)
  sub.get('/', (req, res) => {
    res.json({ ip: req.ip, ips: req.ips, hostname: req.hostname, protocol: req.protocol, secure: req.secure })
  })
  return sub
}

const boomInside = Object.assign(new Error('inside'), { status: 409, stack: 'Error: inside' })

/** JSON for what the app knows; the rest goes to Express's own handler. */
const errors: ErrorRequestHandler = (error, req, res, next) => {
  if (res.headersSent || req.path.startsWith('/default-handler')) return next(error)
  res.status(error.status ?? 500).json({ error: error.message ?? String(error), type: error.type })
}

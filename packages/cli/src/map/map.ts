import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { DownEvent, UpEvent } from '@sleuth/core'
import { packageFile } from '../package-file.js'
import { guardHeaders, sendFile, sendJson, sendText } from './answers.js'
import { Collector } from './collector.js'
import { detailsOf } from './details.js'
import { withServices } from './fallback.js'
import { Feed } from './feed.js'
import { type File, fileOf, readFiles } from './files.js'
import { type Asked, COOKIE, check, cookieOf, type Refusal } from './guard.js'
import { Network } from './network.js'
import { rowsOf, ServiceKeys } from './rows.js'
import type { MapSource } from './source.js'

/** Milliseconds between two rounds of questions, and between two patches. */
const TURN = 1000
const PAGE = 'index.html'
/** The most instances that are asked for their details at the same time. */
const MOST_DETAILS = 16

export interface MapOptions {
  /** The path that the map is at: it begins and ends with `/`. Default `/`. */
  readonly base?: string | undefined
  /** Who has no such token sees nothing. Without one, or with an empty one, only this machine sees the map. */
  readonly token?: string | undefined
  /** Host names, beside `localhost` and addresses, by which the map may be asked. */
  readonly hosts?: readonly string[] | undefined
  /** All clients are proxies, whose own clients may be on other machines. Default false. */
  readonly behindProxy?: boolean | undefined
}

export interface LiveMap {
  /** Answers a request whose path begins with `base`. */
  (req: IncomingMessage, res: ServerResponse): void
  /** Ends all that it sends, and stops to listen to the network. */
  close(): void
}

/** A page that shows who is on the network, who calls whom, and what is wrong. It asks the nodes only while somebody looks. */
export function createMap(source: MapSource, options: MapOptions = {}): LiveMap {
  const server = new MapServer(source, options)
  const handler = (req: IncomingMessage, res: ServerResponse) => server.answer(req, res)
  return Object.assign(handler, { close: () => server.close() })
}

class MapServer {
  readonly #source: MapSource
  readonly #base: string
  readonly #rules: { hosts: readonly string[]; token: string | undefined }
  readonly #behindProxy: boolean
  readonly #files: ReadonlyMap<string, File>
  readonly #network = new Network(Date.now())
  readonly #keys = new ServiceKeys()
  readonly #feed = new Feed(randomBytes(6).toString('hex'))
  readonly #collector: Collector
  #details = 0
  #looking: { timer: NodeJS.Timeout; stop: AbortController } | undefined

  constructor(source: MapSource, { base = '/', token, hosts = [], behindProxy = false }: MapOptions) {
    this.#source = source
    this.#base = base
    // Whoever has no token would have an empty one.
    this.#rules = { token: token || undefined, hosts: hosts.map((host) => host.toLowerCase()) }
    this.#behindProxy = behindProxy
    this.#files = readFiles(fileURLToPath(packageFile('map/')))
    this.#collector = new Collector(source, this.#network, () => performance.now())
    source.on('up', this.#up)
    source.on('down', this.#down)
  }

  answer(req: IncomingMessage, res: ServerResponse): void {
    guardHeaders(res)
    const [path = '', query = ''] = (req.url ?? '/').split(/\?(.*)/s, 2)
    const verdict = check(askedOf(req, query, this.#behindProxy), this.#rules)
    if (verdict === 'enter') this.#enter(res)
    else if (verdict !== undefined) refuse(res, verdict)
    else if (`${path}/` === this.#base) redirect(res, this.#base)
    else if (path.startsWith(this.#base)) this.#route(req, res, path.slice(this.#base.length))
    else sendText(res, 404, 'The map is not here.')
  }

  #route(req: IncomingMessage, res: ServerResponse, name: string): void {
    const file = name === PAGE ? undefined : this.#files.get(name)
    if (name === '') this.#page(req, res)
    else if (name === 'events') this.#watch(req, res)
    else if (name.startsWith('instance/')) this.#sendDetails(res, name.slice('instance/'.length))
    else if (file !== undefined) sendFile(req, res, file)
    else sendText(res, 404, 'The map has no such page.')
  }

  close(): void {
    this.#source.off('up', this.#up)
    this.#source.off('down', this.#down)
    this.#rest()
    this.#feed.close()
  }

  #enter(res: ServerResponse): void {
    const cookie = `${COOKIE}=${cookieOf(this.#rules.token as string)}; Path=${this.#base}; HttpOnly; SameSite=Strict`
    res.setHeader('set-cookie', cookie)
    redirect(res, this.#base)
  }

  #page(req: IncomingMessage, res: ServerResponse): void {
    this.#refresh()
    const page = (this.#files.get(PAGE) as File).body.toString()
    sendFile(req, res, fileOf(PAGE, Buffer.from(withServices(page, this.#network))))
  }

  #watch(req: IncomingMessage, res: ServerResponse): void {
    if (this.#feed.size === 0) {
      this.#refresh()
      this.#feed.fill(rowsOf(this.#network, this.#keys))
    }
    const from = String(req.headers['last-event-id'] ?? '')
    if (this.#feed.watch(res, from, () => this.#restIfAlone())) this.#look()
    else {
      res.setHeader('retry-after', '10')
      sendText(res, 503, 'Too many pages show this map: close one.')
    }
  }

  #sendDetails(res: ServerResponse, id: string): void {
    if (this.#details >= MOST_DETAILS) {
      sendText(res, 503, 'Too many instances are asked already.')
      return
    }
    this.#details += 1
    void detailsOf(this.#source, id).then((details) => {
      this.#details -= 1
      sendJson(res, details)
    })
  }

  #look(): void {
    if (this.#looking !== undefined) return
    const stop = new AbortController()
    const turn = () => {
      this.#refresh()
      this.#feed.update(rowsOf(this.#network, this.#keys))
      void this.#collector.round(stop.signal)
    }
    this.#looking = { timer: setInterval(turn, TURN), stop }
    void this.#collector.round(stop.signal)
  }

  #restIfAlone(): void {
    if (this.#feed.size === 0) this.#rest()
  }

  #rest(): void {
    if (this.#looking === undefined) return
    clearInterval(this.#looking.timer)
    this.#looking.stop.abort()
    this.#looking = undefined
    this.#network.pause()
  }

  #refresh(): void {
    this.#network.update(this.#source.services(), this.#source.peers(), Date.now())
  }

  readonly #up = ({ service, instance }: UpEvent): void => {
    this.#network.up(service, instance, Date.now())
  }

  readonly #down = ({ service, instance, reason }: DownEvent): void => {
    this.#network.down(service, instance, reason, Date.now())
  }
}

function askedOf(req: IncomingMessage, query: string, behindProxy: boolean): Asked {
  const { host, authorization, cookie, forwarded, via } = req.headers
  const chain = req.headers['x-forwarded-for'] ?? forwarded ?? via
  return {
    method: req.method ?? '',
    host,
    address: req.socket.localAddress,
    isForwarded: behindProxy || chain !== undefined,
    site: [req.headers['sec-fetch-site']].flat()[0],
    mode: [req.headers['sec-fetch-mode']].flat()[0],
    authorization,
    cookie,
    token: new URLSearchParams(query).get('token') ?? undefined,
  }
}

function refuse(res: ServerResponse, { status, words }: Refusal): void {
  if (status === 405) res.setHeader('allow', 'GET, HEAD')
  sendText(res, status, words)
}

function redirect(res: ServerResponse, path: string): void {
  res.writeHead(303, { location: path }).end()
}

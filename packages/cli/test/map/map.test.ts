import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type RequestOptions, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { afterEach, describe, mock, test } from 'node:test'
import { MOST_WATCHERS } from '#src/map/feed.js'
import { createMap, type LiveMap, type MapOptions } from '#src/map/map.js'
import { FakeNetwork } from './fake-network.js'

let source: FakeNetwork
let map: LiveMap
let server: Server

async function start(options: MapOptions = {}): Promise<void> {
  source = new FakeNetwork()
  source.add('article-service', '1.2.3')
  map = createMap(source, options)
  server = createServer(map).listen(0, '127.0.0.1')
  await once(server, 'listening')
}

afterEach(() => {
  mock.timers.reset()
  map.close()
  server.closeAllConnections()
  server.close()
})

async function ask(path: string, options: RequestOptions = {}): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo
  const request = get({ port, path, ...options, headers: { host: 'localhost', ...options.headers } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** What a page that watches gets. */
class Watcher {
  readonly #response: IncomingMessage
  #text = ''

  constructor(response: IncomingMessage) {
    this.#response = response.setEncoding('utf8')
  }

  static async of(lastEventId?: string): Promise<Watcher> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    const response = await ask('/events', { headers })
    assert.equal(response.statusCode, 200)
    assert.equal(response.headers['content-type'], 'text/event-stream')
    return new Watcher(response)
  }

  // biome-ignore lint/suspicious/noExplicitAny: rows are JSON
  async next(): Promise<{ event: string; id: string; data: any }> {
    while (true) {
      const end = this.#text.indexOf('\n\n')
      if (end === -1) {
        const [chunk] = (await once(this.#response, 'data')) as [string]
        this.#text += chunk
        continue
      }
      const lines = this.#text.slice(0, end).split('\n')
      this.#text = this.#text.slice(end + 2)
      const fields = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2)))
      if (fields.data !== undefined) {
        return { event: String(fields.event), id: String(fields.id), data: JSON.parse(String(fields.data)) }
      }
    }
  }

  async leave(): Promise<void> {
    this.#response.destroy()
    await once(this.#response, 'close')
  }
}

describe('the files', () => {
  test('are sent once, and asked about afterwards', async () => {
    await start()
    for (const [path, type] of [
      ['/app.js', 'text/javascript; charset=utf-8'],
      ['/style.css', 'text/css; charset=utf-8'],
      ['/vendor/preact.mjs', 'text/javascript; charset=utf-8'],
      ['/icon.svg', 'image/svg+xml'],
      ['/', 'text/html; charset=utf-8'],
    ] as const) {
      const first = await ask(path)
      assert.equal(first.statusCode, 200, path)
      assert.equal(first.headers['content-type'], type)
      assert.ok((await textOf(first)).length > 100)
      const { etag = '' } = first.headers
      const second = await ask(path, { headers: { 'if-none-match': etag } })
      assert.deepEqual([second.statusCode, await textOf(second)], [304, ''], path)
      const zipped = await ask(path, { headers: { 'accept-encoding': 'gzip, br' } })
      assert.equal(zipped.headers['content-encoding'], 'gzip')
      zipped.resume()
    }
  })

  test('are those of the page and no others', async () => {
    await start()
    for (const path of [
      '/package.json',
      '/../package.json',
      '/vendor/preact.LICENSE',
      '/index.html',
      '/nothing',
      '/%2e%2e/x',
      '//',
    ]) {
      assert.equal((await ask(path)).statusCode, 404, path)
    }
  })

  test('have a policy by which a page loads nothing from elsewhere, and is in no frame', async () => {
    await start()
    for (const path of ['/', '/app.js', '/events', '/nothing']) {
      const response = await ask(path)
      const policy = String(response.headers['content-security-policy'])
      assert.match(policy, /^default-src 'self';/)
      assert.match(policy, /frame-ancestors 'none'/)
      assert.equal(response.headers['x-content-type-options'], 'nosniff')
      assert.equal(response.headers['referrer-policy'], 'no-referrer')
      assert.equal(response.headers['access-control-allow-origin'], undefined)
      response.destroy()
    }
  })

  test('are below the path that the map is at', async () => {
    await start({ base: '/_sleuth/' })
    assert.equal((await ask('/_sleuth')).headers.location, '/_sleuth/')
    assert.equal((await ask('/_sleuth/')).statusCode, 200)
    assert.equal((await ask('/_sleuth/app.js')).statusCode, 200)
    assert.equal((await ask('/app.js')).statusCode, 404)
  })
})

describe('the page without its script', () => {
  test('lists who is there, and takes nothing that others say for HTML', async () => {
    await start()
    source.add('<img src=x onerror=alert(1)>', '"><script>alert(2)</script>')
    const page = await textOf(await ask('/'))
    const list = /<noscript>\s*<main>.*<\/noscript>/s.exec(page)?.[0] ?? ''
    assert.match(list, /<b>article-service<\/b>: up/)
    assert.match(list, /1\.2\.3/)
    assert.match(list, /<b>&#60;img src=x onerror=alert\(1\)&#62;<\/b>/)
    assert.doesNotMatch(page, /<img|alert\(2\)<\/script>/)
  })
})

describe('the stream', () => {
  test('has everything first, and then what changes', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    await start()
    const watcher = await Watcher.of()
    const { event, data } = await watcher.next()
    assert.equal(event, 'snapshot')
    assert.equal(data['s:1'].name, 'article-service')
    const instance = Object.keys(data).find((key) => key.startsWith('i:'))
    assert.deepEqual(
      Object.keys(data).filter((key) => /^[hse]/.test(key)),
      ['h', 's:1'],
    )
    const node = source.add('comment-service')
    mock.timers.tick(1000)
    const { data: first } = await watcher.next()
    assert.equal(first['s:2'].name, 'comment-service')
    assert.equal(first[instance ?? ''], undefined)
    source.remove(node.id, 'lost')
    mock.timers.tick(1000)
    const { event: second, data: gone } = await watcher.next()
    assert.equal(second, 'patch')
    assert.match(
      gone.h.words,
      /^All of 1 instance of comment-service have gone: killed, crashed or cut off\.$/,
    )
  })

  test('goes on where a page was cut off, and begins anew where it can not', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    await start()
    const stays = await Watcher.of()
    await stays.next()
    const cut = await Watcher.of()
    const { id } = await cut.next()
    await cut.leave()
    source.add('comment-service')
    mock.timers.tick(1000)
    const { id: later } = await stays.next()
    const back = await Watcher.of(id)
    const { event, data } = await back.next()
    assert.deepEqual([event, data['s:2'].name], ['patch', 'comment-service'])
    for (const unknown of [
      '',
      'x',
      '7',
      `other.${id.split('.')[1]}`,
      `${id.split('.')[0]}.999`,
      `${id}.5x`,
    ]) {
      const fresh = await Watcher.of(unknown)
      assert.equal((await fresh.next()).event, unknown === `${id}.5x` ? 'patch' : 'snapshot', unknown)
      await fresh.leave()
    }
    assert.equal((await (await Watcher.of(later.replace(/\d+$/, '0'))).next()).event, 'snapshot')
  })

  test('asks nobody while nobody looks', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    await start()
    mock.timers.tick(5000)
    await textOf(await ask('/'))
    assert.equal(source.asked.all, 0)
    const watcher = await Watcher.of()
    await watcher.next()
    assert.equal(source.asked.all, 1)
    await watcher.leave()
    // The server notices when the other end has closed, which a request of its own that it answers comes after.
    while (await stillWatched()) await textOf(await ask('/nothing'))
    const { all } = source.asked
    mock.timers.tick(5000)
    assert.equal(source.asked.all, all)
  })

  test('is for a number of pages', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    await start()
    for (let i = 0; i < MOST_WATCHERS; i++) await Watcher.of()
    const refused = await ask('/events')
    assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [503, '10'])
    refused.resume()
  })

  test('is cut off from a page that does not read it', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    await start()
    const { port } = server.address() as AddressInfo
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const page = connect(port, '127.0.0.1')
    page.pause()
    page.write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n')
    const [socket] = await accepted
    let closed = false
    socket.once('close', () => {
      closed = true
    })
    for (let turn = 0; turn < 4000 && !closed; turn++) {
      for (const node of [...source.nodes.values()]) source.remove(node.id, 'stopped')
      for (let i = 0; i < 40; i++) source.add(`service-${turn % 2}-${i}`, 'x'.repeat(200))
      mock.timers.tick(1000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.ok(closed)
    page.destroy()
  })

  test('ends with the map', async () => {
    await start()
    const response = await ask('/events')
    response.resume()
    map.close()
    await once(response, 'end')
    assert.equal(source.listenerCount('up') + source.listenerCount('down'), 0)
  })
})

/** A mocked interval that runs asks the node. */
async function stillWatched(): Promise<boolean> {
  const { all } = source.asked
  mock.timers.tick(1000)
  await new Promise((resolve) => setImmediate(resolve))
  return source.asked.all !== all
}

describe('one instance', () => {
  test('tells who it is, how it does and whom it knows', async () => {
    await start()
    const [node] = source.of('article-service')
    const details = JSON.parse(await textOf(await ask(`/instance/${node?.id}`)))
    assert.equal(details.info.report.version, '1.2.3')
    assert.equal(typeof details.stats.report.calls, 'object')
    assert.deepEqual(details.links.report.links, [])
  })

  test('that tells nothing says why', async () => {
    await start()
    const details = JSON.parse(await textOf(await ask('/instance/unknown')))
    assert.match(details.info.why, /unknown/)
  })
})

describe('who may look', () => {
  test('says in words why not', async () => {
    await start()
    const posted = await ask('/', { method: 'POST' })
    assert.deepEqual([posted.statusCode, posted.headers.allow], [405, 'GET, HEAD'])
    const rebound = await ask('/events', { headers: { host: 'evil.example' } })
    assert.deepEqual(
      [rebound.statusCode, await textOf(rebound)],
      [421, 'The map does not go by this host name. Use its address, or localhost.\n'],
    )
    const other = await ask('/events', { headers: { 'sec-fetch-site': 'cross-site' } })
    assert.equal(other.statusCode, 403)
  })

  test('is for this machine alone without a token: not for clients of a proxy on it', async () => {
    // An empty variable is none, and not a token that everybody has.
    await start({ token: '', hosts: ['api.example'] })
    assert.equal((await ask('/')).statusCode, 200)
    for (const name of ['x-forwarded-for', 'forwarded', 'via']) {
      assert.equal((await ask('/', { headers: { host: 'api.example', [name]: 'x' } })).statusCode, 403, name)
    }
  })

  test('is for nobody without a token where all clients are proxies', async () => {
    await start({ behindProxy: true })
    const { statusCode } = await ask('/events')
    assert.equal(statusCode, 403)
  })

  test('shows the token once, and then a cookie', async () => {
    await start({ token: 'secret', base: '/_sleuth/' })
    assert.equal((await ask('/_sleuth/')).statusCode, 401)
    assert.equal((await ask('/_sleuth/events')).statusCode, 401)
    const entered = await ask('/_sleuth/?token=secret')
    assert.deepEqual([entered.statusCode, entered.headers.location], [303, '/_sleuth/'])
    const [cookie = ''] = entered.headers['set-cookie'] ?? []
    assert.match(cookie, /; Path=\/_sleuth\/; HttpOnly; SameSite=Strict$/)
    assert.doesNotMatch(cookie, /secret/)
    const headers = { cookie: cookie.split(';')[0] ?? '' }
    assert.equal((await ask('/_sleuth/', { headers })).statusCode, 200)
    assert.equal((await ask('/_sleuth/app.js', { headers })).statusCode, 200)
  })
})

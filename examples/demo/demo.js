// @ts-check
// Three services on three frameworks, each a process of its own, and a client that calls them by name.
//   npm run demo              shows it, and ends
//   npm run demo -- --stay    goes on until Ctrl-C
import { createSleuth, SleuthError } from '@sleuth/core'
import { network } from '../network.js'
import { startMap } from './map.js'
import { bold, dim, fail, green, line, more, title, wide, yellow } from './screen.js'
import { start, stopAll } from './services.js'

const stay = process.argv.includes('--stay')
// Each run has a network of its own. With --stay it is that of the other examples, so that they can join in.
const port = stay || process.env.SLEUTH_PORT ? network.port : 28_000 + (process.pid % 4_000)
const env = { SLEUTH_INTERFACE: network.interface, SLEUTH_PORT: String(port) }

/** @typedef {import('@sleuth/core').Sleuth} Sleuth */

async function demo() {
  const services = await startServices()
  const client = await joinAsClient()
  await getPage(client)
  const second = await startSecondInstance(client)
  await stopInstance(client, second)
  await callUnknownService(client)
  if (stay) await play(client, services)
  await client.close()
  await stopAll()
}

async function startServices() {
  title('Three services start, each a process of its own')
  return Promise.all(
    ['article-service', 'comment-service', 'author-service'].map(async (name) => {
      const { service, framework, pid, url } = await start(name, env)
      line(bold(service), framework, `pid ${pid}`, dim(url))
      return { service, url }
    }),
  )
}

/** @returns {Promise<Sleuth>} */
async function joinAsClient() {
  title('A client joins: nobody told it where they are')
  const started = performance.now()
  const client = await createSleuth({ ...network, port })
  line('client', dim(`on ${network.interface}, UDP port ${port}`))
  await Promise.all(
    ['article-service', 'comment-service', 'author-service'].map(async (service) => {
      await client.waitFor(service, { timeout: 10_000 })
      const after = (performance.now() - started).toFixed(0)
      line(bold(service), green('found'), `after ${after} ms`, dim(endpoint(client, service)))
    }),
  )
  return client
}

/** @param {Sleuth} client */
async function getPage(client) {
  const url = 'sleuth://article-service/articles/1'
  title(`One page, made by three services: GET ${url}`)
  const page = await timedGet(client, url)
  more(wide(`“${page.title}”`), dim('article-service, Fastify'))
  more(wide(`by ${page.author.name}`), dim('author-service, Koa'))
  for (const { by, text } of page.comments) more(wide(`${by}: ${text}`), dim('comment-service, Express'))
  await timedGet(client, url)
}

/** @param {Sleuth} client @param {string} url @returns {Promise<import('../articles/data.js').Page>} */
async function timedGet(client, url) {
  const started = performance.now()
  const response = await client.do(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  const page = /** @type {import('../articles/data.js').Page} */ (await response.json())
  const took = (performance.now() - started).toFixed(1)
  line(bold('article-service'), green(String(response.status)), `in ${took} ms`)
  return page
}

/** @param {Sleuth} client */
async function startSecondInstance(client) {
  title('A second comment-service starts: calls take turns')
  const appeared = new Promise((resolve) => client.once('up', resolve))
  const instance = await start('comment-service', env)
  await appeared
  line(bold('comment-service'), green('found'), `pid ${instance.pid}`, dim('2 instances'))
  await callSixTimes(client)
  return instance
}

/** @param {Sleuth} client @param {import('./services.js').Running} instance */
async function stopInstance(client, instance) {
  title('It stops: calls go on')
  /** @type {Promise<import('@sleuth/core').DownEvent>} */
  const gone = new Promise((resolve) => client.once('down', resolve))
  const ended = instance.stop()
  const { reason } = await gone
  line(bold('comment-service'), yellow(reason), `pid ${instance.pid}`, dim('1 instance'))
  await callSixTimes(client)
  await ended
}

/** @param {Sleuth} client */
async function callSixTimes(client) {
  const pids = []
  for (let i = 0; i < 6; i++) {
    const { headers } = await client.request('sleuth://comment-service/comments?article=1')
    pids.push(headers['x-pid'])
  }
  line('6 calls', green('answered'), 'by pid', pids.join(' '))
}

/** @param {Sleuth} client */
async function callUnknownService(client) {
  title('A service that nobody offers: an error with a code')
  try {
    await client.do('sleuth://honey-service/')
  } catch (error) {
    if (!(error instanceof SleuthError)) throw error
    line(bold('honey-service'), yellow('refused'), `code ${error.codes.join(', ')}`, error.code)
    more(dim(error.message))
  }
}

/** @param {Sleuth} client @param {{ service: string, url: string }[]} services */
async function play(client, services) {
  /** @type {Record<string, string>} */
  const paths = {
    'article-service': '/articles/1',
    'comment-service': '/comments?article=1',
    'author-service': '/authors/ursula',
  }
  const map = await startMap(env)
  title('Still running: see it in a browser. Ctrl-C ends it all')
  more(bold(map.url))
  title('Try these in another terminal')
  for (const { service, url } of services) more(`curl '${url}${paths[service]}'`)
  more(`SLEUTH_INTERFACE=${network.interface} SLEUTH_PORT=${port} npx sleuth ls`)
  more('node examples/articles/client.js')
  more(`node examples/articles/comment-service.js   ${dim('one more instance: see it join')}`)
  title('What happens on the network')
  client.on('up', ({ service, instance }) => line(bold(service), green('found'), instance.name))
  client.on('down', ({ service, instance, reason }) => {
    if (reason !== 'closed') line(bold(service), yellow(reason), instance.name)
  })
  const calls = setInterval(() => ask(client), 200)
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
  clearInterval(calls)
  await map.stop()
}

/** Calls that the map can show. Some may fail while somebody stops a service. @param {Sleuth} client */
function ask(client) {
  client.request('sleuth://article-service/articles/1').catch(() => {})
}

/** @param {Sleuth} client @param {string} service */
function endpoint(client, service) {
  return client.services().find((known) => known.service === service)?.instances[0]?.endpoint ?? ''
}

if (!stay) setTimeout(() => fail(new Error('it took longer than 45 seconds')), 45_000).unref()

try {
  await demo()
} catch (error) {
  await stopAll()
  fail(error)
}

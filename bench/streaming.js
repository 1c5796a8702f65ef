// Streams through the Fastify app: down, up, and server-sent events. Arguments: sleuth or undici, MiB, JSON of what the server told.
import { createSleuth } from '@sleuth/core'
import { request } from 'undici'
import { median } from './lib/stats.js'
import { CHUNK, chunks, peak } from './lib/streams.js'

const [way, mebibytes, server] = [process.argv[2], Number(process.argv[3]), JSON.parse(process.argv[4])]
const count = (mebibytes * 2 ** 20) / CHUNK.length
const events = 200

const sleuth = await createSleuth({ interface: 'loopback', port: server.udpPort, timeout: 60_000 })
await sleuth.waitFor('echo')
const ways = {
  sleuth: async (path, init) => (await sleuth.do(`sleuth://echo${path}`, init)).body,
  undici: async (path, init) => (await request(`http://127.0.0.1:${server.httpPort}${path}`, init)).body,
}
const open = ways[way]
const memory = async () => (await (await sleuth.do('sleuth://echo/memory')).json()).peak

const before = { client: peak(), server: await memory() }
const down = await timed(async () => {
  let bytes = 0
  for await (const chunk of await open(`/down/${count}`)) bytes += chunk.length
  return bytes
})
const up = await timed(async () => {
  const headers = { 'content-type': 'application/x-stream' }
  const body = await open('/up', { method: 'POST', headers, body: chunks(count), duplex: 'half' })
  return JSON.parse(await text(body)).bytes
})
const delays = []
for await (const chunk of await open(`/events/${events}`)) {
  const now = performance.timeOrigin + performance.now()
  for (const [, sent] of Buffer.from(chunk)
    .toString()
    .matchAll(/data: ([\d.]+)/g))
    delays.push(now - Number(sent))
}
const grown = { client: peak() - before.client, server: (await memory()) - before.server }
await sleuth.close()
process.send({ down, up, eventDelay: median(delays), events: delays.length, grown }, () => process.exit())

/** MiB a second. */
async function timed(run) {
  const started = performance.now()
  const bytes = await run()
  if (bytes !== mebibytes * 2 ** 20) throw new Error(`${bytes} bytes came`)
  return mebibytes / ((performance.now() - started) / 1000)
}

async function text(body) {
  const parts = []
  for await (const part of body) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString()
}

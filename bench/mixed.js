// Small calls while four bodies of 1 GiB flow, two to the same service and two from it. Latency counts from when a call was due.
// Arguments: contender, ms, JSON of what the server told.
import { createSleuth } from '@sleuth/core'
import { Agent, request } from 'undici'
import { percentile } from './lib/stats.js'
import { CHUNK, chunks } from './lib/streams.js'

const [name, duration, server] = [process.argv[2], Number(process.argv[3]), JSON.parse(process.argv[4])]
const COUNT = 2 ** 30 / CHUNK.length
const PAUSE_MS = 5
const small = Buffer.alloc(128, 'x')
const headers = { 'content-type': 'application/octet-stream' }

const ways = { 'sleuth request': bySleuth, 'undici request': byUndici }
const { call, open, close } = await ways[name]()
for (let times = 0; times < 500; times++) await call()

const stopped = new AbortController()
const flowing = [0, 0, 0, 0]
let over = false
const bodies = [down(0), down(1), up(2), up(3)].map((body) =>
  body.catch((error) => {
    if (!stopped.signal.aborted) throw error
  }),
)
for (const body of bodies) body.finally(() => (over = true)).catch(() => {})
const patience = performance.now() + 10_000
while (flowing.some((bytes) => bytes === 0)) {
  if (over || performance.now() > patience) throw new Error(`${name}: the bodies do not flow: ${flowing}`)
  await pause(1)
}
const bytesBefore = sum(flowing)
const latencies = await loop()
const mebibytes = (sum(flowing) - bytesBefore) / 2 ** 20
stopped.abort()
await Promise.all(bodies)
latencies.sort((a, b) => a - b)
const at = (share) => percentile(latencies, share)
await close()
process.send({ p50: at(0.5), p99: at(0.99), calls: latencies.length, mebibytes }, () => process.exit())

/** Until the time is over, or the first of the bodies. */
async function loop() {
  const found = []
  const calls = []
  const end = performance.now() + duration
  for (let due = performance.now(); due < end && !over; due += PAUSE_MS) {
    await pause(due - performance.now())
    calls.push(call().then(() => found.push(performance.now() - due)))
  }
  await Promise.all(calls)
  return found
}

async function down(index) {
  for await (const chunk of await open(`/down/${COUNT}`, { signal: stopped.signal }))
    flowing[index] += chunk.length
}

async function up(index) {
  const body = chunks(COUNT, (bytes) => {
    flowing[index] += bytes
  })
  const type = { 'content-type': 'application/x-stream' }
  const init = { method: 'POST', headers: type, body, duplex: 'half', signal: stopped.signal }
  for await (const _chunk of await open('/up', init));
}

async function bySleuth() {
  const options = { interface: 'loopback', port: server.udpPort, timeout: 60_000 }
  const sleuth = await createSleuth(options)
  await sleuth.waitFor('echo')
  return {
    call: () => sleuth.request('sleuth://echo/echo', { method: 'POST', headers, body: small }),
    open: async (path, init) => (await sleuth.do(`sleuth://echo${path}`, init)).body,
    close: () => sleuth.close(),
  }
}

async function byUndici() {
  const url = `http://127.0.0.1:${server.httpPort}`
  const dispatcher = new Agent({ connections: 64 })
  return {
    async call() {
      const { body } = await request(`${url}/echo`, { method: 'POST', headers, body: small, dispatcher })
      await body.arrayBuffer()
    },
    open: async (path, init) => (await request(`${url}${path}`, { ...init, dispatcher })).body,
    close: () => dispatcher.destroy(),
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)))
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0)
}

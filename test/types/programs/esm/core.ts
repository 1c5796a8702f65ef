import { subscribe, tracingChannel } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import {
  type AttemptMessage,
  type CallContext,
  createSleuth,
  type DropMessage,
  generateKeys,
  type Instance,
  type InstanceMessage,
  type RequestListener,
  type RequestMessage,
  type Sleuth,
  SleuthError,
  type SleuthOptions,
  type SleuthPeer,
} from '@sleuth/core'

const options: SleuthOptions = {
  service: 'echo',
  handler: (req, res) => {
    res.setHeader('x-method', req.method ?? '')
    res.end()
  },
  interface: 'loopback',
  port: 5671,
  version: '1.0.0',
  group: 'SLEUTH-v1',
  timeout: 1000,
  filter: (req) => req.url !== '/hidden',
  enabled: true,
  ready: async () => true,
  introspection: (peer) => peer.service === 'monitor',
  logLevel: 'debug',
}
const sleuth: Sleuth = await createSleuth(options)
await using another = await createSleuth()

// As fetch: the three kinds of input, every kind of body, and what it takes for a fetch elsewhere.
const response: Response = await sleuth.do('sleuth://echo/path', {
  method: 'POST',
  body: 'text',
  timeout: 100,
})
await sleuth.do(new URL('sleuth://echo/'), { signal: AbortSignal.timeout(10) })
await sleuth.do(new Request('http://echo/'))
await sleuth.do('sleuth://echo/', { body: new FormData(), headers: { 'x-own': 'yes' } })
const fetchLike: typeof fetch = sleuth.fetch
const { do: call } = another
await call('sleuth://echo/')

const lean = await sleuth.request('sleuth://echo/', {
  headers: { accept: ['a', 'b'] },
  body: Buffer.from('x'),
})
const status: number = lean.status
const body: Buffer = lean.body
const cookies: string | string[] | undefined = lean.headers['set-cookie']

await sleuth.waitFor('echo')
await sleuth.waitFor(['echo', 'other'], { timeout: 1000, signal: new AbortController().signal })
const instances: readonly Instance[] = sleuth.services()[0]?.instances ?? []
sleuth.on('up', ({ service, instance }) => `${service} ${instance.endpoint}`)
sleuth.on('down', ({ reason }) => reason === 'left')
const calls: number = sleuth.stats().calls
const metrics: string = sleuth.metrics()

tracingChannel<unknown, CallContext>('sleuth.call').start.subscribe((message) => {
  const { headers, service, instance } = message as CallContext
  if (!headers.has('traceparent')) headers.set('traceparent', `${service} ${instance?.id}`)
})
subscribe('sleuth.attempt', (message) => {
  const { call: of, cause, outcome, duration }: AttemptMessage = message as AttemptMessage
  return `${of.url} ${cause === 'hedge'} ${outcome === 'cancelled'} ${duration}`
})
subscribe('sleuth.request', (message) => (message as RequestMessage).response?.statusCode)
subscribe('sleuth.instance', (message) => (message as InstanceMessage).reason === 'left')
subscribe('sleuth:drop', (message) => (message as DropMessage).error.code)

// A listener that knows its caller serves HTTP as well, and any listener serves sleuth.
const listener: RequestListener = (req, res) => {
  const peer: SleuthPeer | undefined = req.sleuthPeer
  const key: string | undefined = peer?.publicKey
  res.end(`${peer?.id} ${peer?.name} ${peer?.service} ${peer?.address} ${key}`)
}
createServer(listener)
const server = createServer((_req, res) => void res.end())
await createSleuth({
  service: 'vault',
  handler: (req, res) => void server.emit('request', req, res),
  filter: (req) => req.sleuthPeer?.service === 'billing',
  security: { ...generateKeys(), allow: async (publicKey) => publicKey.length === 40 },
})

try {
  await sleuth.leave()
  await sleuth.close()
} catch (error) {
  if (error instanceof SleuthError && error.code === 'SLEUTH_CLOSED') throw new Error(error.codes.join())
}

export { body, calls, cookies, fetchLike, instances, metrics, response, status }

// Each question has its own report.
const { started, limits } = await sleuth.inspect('A', 'info', {
  timeout: 100,
  signal: AbortSignal.timeout(10),
})
const { served, calls: callsOf, callers } = await sleuth.inspect('A', 'stats')
const { links } = await another.inspect('A', 'links')
const { reached, why } = await another.inspect('A', 'probe', {})
export const report: [string, number | null | undefined, number | null, number, boolean, string | undefined] =
  [
    started,
    limits.maxInflight,
    served.p95,
    (callsOf.echo?.errors ?? 0) + (callers[0]?.statuses['2xx'] ?? 0) + (links[0]?.rtt ?? 0),
    reached,
    why,
  ]

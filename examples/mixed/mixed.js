// @ts-check
// Go beside Node: each side offers the echo-service once, and the other calls it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { network } from '../network.js'
import { buildGo } from './build-go.js'

/** @param {string} name */
const nodeProgram = (name) => [
  process.execPath,
  fileURLToPath(new URL(`../echo/${name}.js`, import.meta.url)),
]

/** Go knows loopback by the system's name for it. */
const loopback = Object.entries(networkInterfaces()).find(([, infos]) =>
  infos?.some(({ internal }) => internal),
)

/** @param {string} program */
const goProgram = (program) => [program, '-interface', loopback?.[0] ?? 'lo', '-port', String(network.port)]

/** @param {string[]} command */
function start([program = '', ...args]) {
  // On loopback there is no multicast, which is what gyre uses unless it is told to broadcast.
  const env = { ...process.env, BEACON_BROADCAST: '1', PORT: '0' }
  // Neither side waits for ever for the other.
  return spawn(program, args, { env, timeout: 20_000, stdio: ['ignore', 'inherit', 'inherit'] })
}

/** @param {string} title @param {string[]} service @param {string[]} client */
async function call(title, service, client) {
  console.log(`\n${title}`)
  const serving = start(service)
  const ended = once(serving, 'exit')
  const [code] = await once(start(client), 'exit')
  serving.kill()
  await ended
  if (code !== 0) throw new Error('the client got no answer')
}

const go = await buildGo()
await call('A Node client calls a Go service', goProgram(go.service), nodeProgram('client'))
await call('A Go client calls a Node service', nodeProgram('service'), goProgram(go.client))

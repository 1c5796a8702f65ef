// The path of one warm call has a budget: files, and calls of sleuth's own functions, at both ends together.
// A change that lowers a figure lowers its budget here too. SLEUTH_TRACE=1 prints each path, function by function.
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, before, test } from 'node:test'
import { createSleuth, type Sleuth } from '@sleuth/core'
import sleuth from '@sleuth/fastify'
import Fastify from 'fastify'
import { freePort } from '../hosts/port.js'
import { table, totals, trace } from './trace.js'

/** What one call may take. The aim for a GET is 40 files and 320 calls. */
const budgets = {
  'GET by request()': { files: 40, calls: 267 },
  'POST of 128 bytes by request()': { files: 43, calls: 283 },
  'GET by do()': { files: 45, calls: 296 },
  'GET by fetch()': { files: 44, calls: 298 },
  'GET by request() to Fastify': { files: 40, calls: 276 },
}

const body = Buffer.alloc(128, 'x')
const app = Fastify()
let service: Sleuth
let caller: Sleuth

function handler(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'GET') response.end('hello')
  else request.resume().once('end', () => response.end('hello'))
}

/** Each makes one call, reads the whole response, and gives its status. */
const operations: Record<keyof typeof budgets, () => Promise<number>> = {
  'GET by request()': async () => (await caller.request('sleuth://bare/')).status,
  'POST of 128 bytes by request()': async () =>
    (await caller.request('sleuth://bare/', { method: 'POST', body })).status,
  'GET by do()': () => read(caller.do('sleuth://bare/')),
  'GET by fetch()': () => read(caller.fetch('sleuth://bare/')),
  'GET by request() to Fastify': async () => (await caller.request('sleuth://fastify/')).status,
}

async function read(sent: Promise<Pick<Response, 'status' | 'text'>>): Promise<number> {
  const response = await sent
  await response.text()
  return response.status
}

before(async () => {
  const options = { interface: 'loopback', port: await freePort() }
  service = await createSleuth({ ...options, service: 'bare', handler })
  await app.register(sleuth, { ...options, service: 'fastify' })
  app.get('/', () => 'hello')
  await app.ready()
  caller = await createSleuth({ ...options, timeout: 10_000 })
  await caller.waitFor(['bare', 'fastify'])
})

after(async () => {
  await caller?.close()
  await service?.close()
  await app.close()
})

for (const [name, budget] of Object.entries(budgets)) {
  test(`a warm ${name} takes at most ${budget.files} files and ${budget.calls} calls`, async (context) => {
    const operation = operations[name as keyof typeof budgets]
    assert.equal(await operation(), 200)
    const functions = await trace(operation)
    const { files, calls, functions: distinct } = totals(functions)
    context.diagnostic(`${name}: ${files} files, ${distinct} functions, ${calls} calls`)
    if (process.env.SLEUTH_TRACE) console.log(`${name}\n${table(functions)}`)
    assert.ok(files <= budget.files, `${files} files, of at most ${budget.files}`)
    assert.ok(calls <= budget.calls, `${calls} calls, of at most ${budget.calls}`)
  })
}

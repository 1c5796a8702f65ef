import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { caller, network } from './network.js'

const on = await network()
const client = await caller(on)
after(() => client.close())

const program = fileURLToPath(new URL('stoppable.js', import.meta.url))
const frameworks = ['express', 'koa', 'fastify', 'core']

describe('node:cluster', () => {
  for (const framework of frameworks) {
    for (const how of ['worker.disconnect()', 'worker.process.disconnect()', 'cluster.disconnect()']) {
      test(`${how} ends a worker with ${framework}, after it has answered`, async () => {
        const service = `${framework}-${how.replaceAll(/\W+/g, '-')}`
        cluster.setupPrimary({ exec: program, args: [framework, String(on.port), service, ''] })
        const worker = cluster.fork()
        const exit = once(worker, 'exit')
        await once(worker, 'message')
        await client.waitFor(service)
        // What is cut off by an exit is no question of leaving: only the graceful ways are to answer.
        const graceful = how !== 'worker.process.disconnect()'
        const inFlight = graceful ? client.request(`sleuth://${service}/`) : undefined
        if (graceful) await once(worker, 'message')
        disconnect(how, worker)
        if (inFlight) assert.equal((await inFlight).status, 200)
        assert.deepEqual(await exit, [0, null])
      })
    }
  }
})

function disconnect(how: string, worker: Worker): void {
  if (how === 'worker.disconnect()') worker.disconnect()
  else if (how === 'cluster.disconnect()') cluster.disconnect()
  else worker.process.disconnect()
}

for (const framework of ['express', 'koa', 'fastify']) {
  test(`PM2's message ends a child with ${framework}, by the recipe`, async () => {
    const child = fork(program, [framework, String(on.port), `pm2-${framework}`, ''])
    const exit = once(child, 'exit')
    await once(child, 'message')
    child.send('shutdown')
    assert.deepEqual(await exit, [0, null])
  })

  test(`a child with ${framework} lives on without its channel, and ends on SIGTERM`, async () => {
    const service = `alone-${framework}`
    const child = fork(program, [framework, String(on.port), service, ''])
    const exit = once(child, 'exit')
    await once(child, 'message')
    child.disconnect()
    await client.waitFor(service)
    assert.equal((await client.request(`sleuth://${service}/`)).status, 200)
    child.kill('SIGTERM')
    assert.deepEqual(await exit, [0, null])
  })
}

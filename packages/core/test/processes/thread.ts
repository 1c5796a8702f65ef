import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { createSleuth } from '#src/index.js'
import { freePort } from '../port.js'

// Run as `thread.js HOW`: starts a worker thread that joins a network and ends in that way, and prints how it ended.
if (isMainThread) {
  const [how] = process.argv.slice(2)
  const worker = new Worker(new URL(import.meta.url), { workerData: { how, port: await freePort() } })
  worker.on('error', (error: Error) => console.log(error.message))
  const exited = once(worker, 'exit').catch(() => once(worker, 'exit'))
  if (how === 'close, terminate') {
    await once(worker, 'message')
    await worker.terminate()
  }
  const [code] = await exited
  // An abort comes a moment after the thread has ended, if it does.
  await sleep(100)
  console.log(`exit code ${code}`)
} else {
  const { how, port } = workerData
  const options = { interface: 'loopback', port }
  const service = await createSleuth({ ...options, service: 'foo', handler: (_req, res) => void res.end() })
  const client = await createSleuth(options)
  await client.waitFor('foo')
  await client.request('sleuth://foo/')
  if (how === 'exit') process.exit(0)
  if (how === 'throw') throw new Error('thrown in the thread')
  await client.close()
  await service.close()
  parentPort?.postMessage('closed')
  if (how === 'close, terminate') setInterval(() => {}, 1000)
}

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
  const [said] = await once(worker, 'message')
  console.log(said)
  worker.postMessage('end')
  if (how === 'terminate') await worker.terminate()
  if (how === 'exit of the main thread') process.exit(3)
  const [code] = await exited
  // An abort comes a moment after the thread has ended, if it does.
  await sleep(100)
  console.log(`exit code ${code}`)
} else {
  const { how, port } = workerData
  const options = { interface: 'loopback', port }
  const service = await createSleuth({
    ...options,
    service: 'foo',
    handler: (req, res) => void req.pipe(res),
  })
  const other = await createSleuth({ ...options, service: 'bar', handler: (_req, res) => void res.end() })
  const client = await createSleuth(options)
  await client.waitFor(['foo', 'bar'])
  const { body } = await client.request('sleuth://foo/', { method: 'POST', body: Buffer.alloc(1_000_000) })
  const down = new Promise<string>((resolve) => client.once('down', ({ service }) => resolve(service)))
  await other.close()
  parentPort?.postMessage(`${body.length} bytes from foo, ${await down} went`)
  if (parentPort) await once(parentPort, 'message')
  if (how === 'exit') process.exit(0)
  if (how === 'throw') throw new Error('thrown in the thread')
  if (how === 'close') await Promise.all([client.close(), service.close()])
}

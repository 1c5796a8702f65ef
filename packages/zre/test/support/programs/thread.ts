import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { BeaconSocket } from '#src/sockets/beacon-socket.js'
import { chooseNetwork } from '#src/sockets/interface.js'

// Run with a port and `exit` or `throw`: a worker thread ends in that way, of a datagram that more of its sockets hear.
if (isMainThread) {
  const [port, how] = process.argv.slice(2)
  const worker = new Worker(new URL(import.meta.url), { workerData: { port: Number(port), how } })
  worker.on('error', (error) => console.log(error.message))
  const [code] = await once(worker, 'exit').catch(() => once(worker, 'exit'))
  console.log(`exit code ${code}`)
} else {
  const { port, how } = workerData
  const network = chooseNetwork({ value: 'loopback', source: 'the test' }, networkInterfaces())
  // By an await: only an end in a microtask leaves Node the rest of what it has to hand on.
  await new Promise<void>((resolve) => {
    const options = { network, port, onDatagram: () => resolve(), onError: () => {} }
    const opening = Array.from({ length: 12 }, () => BeaconSocket.open(options))
    void Promise.all(opening).then(([socket]) => socket?.send(Buffer.from('heard by all')))
  })
  if (how === 'exit') process.exit(0)
  throw new Error('thrown in the thread')
}

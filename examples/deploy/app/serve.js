// @ts-check
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds for which a load balancer may still send HTTP requests to a process that got SIGTERM. */
const stopPause = Number(process.env.STOP_PAUSE ?? 0)

/**
 * Serves HTTP on port 8080, with `/healthz` and `/readyz` for probes, and stops on SIGTERM without losing a request.
 *
 * @param {import('@sleuth/core').Sleuth} sleuth
 * @param {import('node:http').RequestListener} handler
 */
export function serve(sleuth, handler) {
  let stopping = false
  const server = createServer((req, res) => {
    if (req.url === '/healthz') res.end('ok\n')
    else if (req.url === '/readyz') res.writeHead(stopping ? 503 : 200).end()
    else handler(req, res)
  })
  server.listen(Number(process.env.PORT ?? 8080), () => {
    const address = /** @type {import('node:net').AddressInfo} */ (server.address())
    console.log(`listens at http://127.0.0.1:${address.port}`)
  })

  const stop = async () => {
    if (stopping) return
    stopping = true
    await sleuth.leave()
    await sleep(stopPause)
    await new Promise((resolve) => server.close(resolve))
    await sleuth.close()
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)
}

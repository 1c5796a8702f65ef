// @ts-check

/**
 * Tells that a service is up, and closes it when it is to stop: on Ctrl-C, on SIGTERM, or when the process that started
 * it is gone.
 *
 * @param {{ service: string, framework: string, url: string }} about
 * @param {() => Promise<unknown>} close
 */
export function running(about, close) {
  console.log(`${about.service} (${about.framework}) is up: ${about.url}`)
  process.send?.(about)

  let closing = false
  const stop = () => {
    if (closing) return
    closing = true
    close().catch((error) => {
      console.error(error)
      process.exitCode = 1
    })
  }
  process.on('SIGINT', stop).on('SIGTERM', stop).on('disconnect', stop)
}

/**
 * The URL that an HTTP server listens at, once it does.
 *
 * @param {import('node:http').Server} server
 * @returns {Promise<string>}
 */
export function listening(server) {
  return new Promise((resolve, reject) => {
    const tell = () => {
      const address = /** @type {import('node:net').AddressInfo} */ (server.address())
      resolve(`http://127.0.0.1:${address.port}`)
    }
    if (server.listening) tell()
    else server.once('listening', tell).once('error', reject)
  })
}

/**
 * Takes no more connections. Resolves when the last one is closed.
 *
 * @param {import('node:http').Server} server
 * @returns {Promise<void>}
 */
export function stopListening(server) {
  return new Promise((resolve) => server.close(() => resolve()))
}

import { Router } from 'zeromq'

/** Has an inbox, and blocks its event loop for a while when it is told to. */
const router = new Router()
router.bindSync('tcp://127.0.0.1:*')
process.send?.(router.lastEndpoint)

process.on('message', () => {
  process.send?.('blocking', () => {
    const end = performance.now() + 10_000
    // To ask the socket keeps it: one that nobody refers to is closed when garbage is collected.
    while (performance.now() < end && !router.closed);
  })
})

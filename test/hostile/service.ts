// The node that is attacked: an instance of the service `target`. Argument: UDP port.
import { createSleuth } from '@sleuth/core'

const sleuth = await createSleuth({
  service: 'target',
  interface: 'loopback',
  port: Number(process.argv[2]),
  limits: {
    requestTime: 2000,
    streams: 50,
    buffered: 4 * 1024 * 1024,
    message: 1024 * 1024,
    unzipped: 1024 * 1024,
  },
  handler: (req, res) => {
    // Who asks for this is never read, and never answered.
    if (req.url !== '/hang') res.end('here')
  },
})

process.on('message', async (what) => {
  if (what === 'stop') {
    await sleuth.close()
    process.disconnect()
  } else {
    process.send?.({ stats: sleuth.stats(), memory: process.memoryUsage().rss })
  }
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

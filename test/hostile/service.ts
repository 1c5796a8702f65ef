// The node that is attacked: an instance of the service `target`. Arguments: UDP port, options as JSON.
import { createSleuth } from '@sleuth/core'

const [, , port, options = '{}'] = process.argv
let peak = 0

const sleuth = await createSleuth({
  service: 'target',
  interface: 'loopback',
  port: Number(port),
  handler: (req, res) => {
    // Who asks for this is never read, and never answered.
    if (req.url !== '/hang') res.end('here')
  },
  ...JSON.parse(options),
})

function look(): number {
  const { rss } = process.memoryUsage()
  peak = Math.max(peak, rss)
  return rss
}
setInterval(look, 20).unref()

process.on('message', async (what) => {
  if (what === 'stop') {
    await sleuth.close()
    process.disconnect()
    return
  }
  look()
  const highest = peak
  globalThis.gc?.()
  peak = 0
  process.send?.({ stats: sleuth.stats(), memory: look(), peak: highest })
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

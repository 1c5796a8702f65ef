// The node that is attacked: an instance of the service `target`. Arguments: UDP port, options as JSON.
import { readdirSync } from 'node:fs'
import { createSleuth } from '@sleuth/core'

const [, , port, options = '{}'] = process.argv
const flood = Buffer.alloc(10_000)
let memory = 0
let peak = 0
let stall = 0
let descriptors = 0
let lines = 0

const count = () => void lines++
const logger = { trace() {}, debug() {}, info: count, warn: count, error: count }

const sleuth = await createSleuth({
  service: 'target',
  interface: 'loopback',
  port: Number(port),
  logger,
  handler: (req, res) => {
    // Who asks for this is never read, and never answered.
    if (req.url === '/hang') return
    if (req.url === '/stop') res.on('close', () => res.end())
    else {
      if (req.url === '/emit')
        for (let left = 100; left > 0; left--) void sleuth.emit('told', flood, { to: 'all' })
      res.end('here')
    }
  },
  ...JSON.parse(options),
})

/** Listeners of events: one of them does not end. */
sleuth.subscribe('stuck', () => new Promise(() => {}))

/** To look takes a file descriptor, and there may be none left. */
function look(): void {
  try {
    memory = process.memoryUsage.rss()
    peak = Math.max(peak, memory)
  } catch {}
}

function countDescriptors(): void {
  try {
    descriptors = readdirSync('/proc/self/fd').length
  } catch {}
}
setInterval(look, 20).unref()

/** Milliseconds between looks whether the event loop has its turn. */
const PULSE = 5
let beat = performance.now()
setInterval(() => {
  const now = performance.now()
  stall = Math.max(stall, now - beat - PULSE)
  beat = now
}, PULSE).unref()

process.on('message', async (what) => {
  if (what === 'stop') {
    await sleuth.close()
    process.disconnect()
    return
  }
  look()
  const highest = peak
  const longest = stall
  globalThis.gc?.()
  peak = 0
  look()
  // The collection was ours.
  stall = 0
  beat = performance.now()
  countDescriptors()
  const seconds = process.uptime()
  const cost = { memory, peak: highest, stall: longest, descriptors }
  process.send?.({ stats: sleuth.stats(), ...cost, lines, seconds })
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

// A bare handler that takes a body and drops it, or gives one of a given length that it has ready. Argument: UDP port.
import { createSleuth } from '@sleuth/core'
import { serve } from '../lib/echo.js'

const port = Number(process.argv[2])
const bodies = new Map()
const sleuth = await createSleuth({ service: 'echo', handler, interface: 'loopback', port })
serve({}, () => sleuth.close())

function handler(req, res) {
  const length = Number(req.url.slice(1))
  if (!bodies.has(length)) bodies.set(length, Buffer.alloc(length, 'x'))
  req.resume().once('end', () => res.end(bodies.get(length)))
}

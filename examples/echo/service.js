// @ts-check
import { createServer } from 'node:http'
import { createSleuth } from '@sleuth/core'
import { listening, running, stopListening } from '../lifecycle.js'
import { network } from '../network.js'

/** @type {import('node:http').RequestListener} */
const echo = (req, res) => {
  req.pipe(res)
}

const sleuth = await createSleuth({ service: 'echo-service', handler: echo, ...network })

// The same handler may answer over HTTP as well.
const server = createServer(echo).listen(Number(process.env.PORT ?? 9873), '127.0.0.1')

running({ service: 'echo-service', framework: 'node:http', url: await listening(server) }, async () => {
  await sleuth.leave()
  await stopListening(server)
  await sleuth.close()
})

// A fetch handler over HTTP and over sleuth. Argument: UDP port.
import { createServer } from 'node:http'
import { serve as asListener, createSleuth } from '@sleuth/core'
import { HOST, serve } from '../lib/echo.js'

const headers = { 'content-type': 'application/octet-stream' }
const echo = asListener(async (request) => new Response(await request.arrayBuffer(), { headers }))

const port = Number(process.argv[2])
const sleuth = await createSleuth({ service: 'echo', handler: echo, interface: 'loopback', port })
const server = createServer(echo).listen(0, HOST, () => {
  serve({ httpPort: server.address().port }, async () => {
    await sleuth.close()
    server.close()
    server.closeAllConnections()
  })
})

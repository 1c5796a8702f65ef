// A bare handler over HTTP and over sleuth. Argument: UDP port.
import { createServer } from 'node:http'
import { createSleuth } from '@sleuth/core'
import { echo, HOST, serve } from '../lib/echo.js'

const port = Number(process.argv[2])
const sleuth = await createSleuth({ service: 'echo', handler: echo, interface: 'loopback', port })
const server = createServer(echo).listen(0, HOST, () => {
  serve({ httpPort: server.address().port }, async () => {
    await sleuth.close()
    server.close()
    server.closeAllConnections()
  })
})

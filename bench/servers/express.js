// An Express app over HTTP and over sleuth. Argument: UDP port.
import sleuth from '@sleuth/express'
import express from 'express'
import { HOST, serve } from '../lib/echo.js'

const app = express()
const middleware = sleuth({ service: 'echo', interface: 'loopback', port: Number(process.argv[2]) })
app.use(middleware)
app.post('/echo', express.raw(), (req, res) => res.type('application/octet-stream').send(req.body))
const server = app.listen(0, HOST, async () => {
  await middleware.ready
  serve({ httpPort: server.address().port }, async () => {
    await middleware.close()
    server.close()
    server.closeAllConnections()
  })
})

// A service in a process of its own: node service.js NAME. It calls the services that it is told in its messages.
import { createSleuth } from '@sleuth/core'

const [, , service] = process.argv

const sleuth = await createSleuth({
  service,
  name: `${service}-${process.pid}`,
  version: '1.0.0',
  handler: (req, res) => res.writeHead(req.url === '/fail' ? 500 : 200).end('ok'),
})

process.on('message', async (url) => {
  try {
    const { status } = await sleuth.request(url)
    process.send?.({ status })
  } catch (error) {
    process.send?.({ code: error.code })
  }
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

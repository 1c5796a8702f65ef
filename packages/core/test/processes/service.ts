import { createSleuth } from '@sleuth/core'

const [, , port, security = '{}'] = process.argv

/** An instance of `foo` on loopback: notes the ids of the calls that it runs, and tells them when it has left. */
const ran: string[] = []

const sleuth = await createSleuth({
  service: 'foo',
  interface: 'loopback',
  port: Number(port),
  ...JSON.parse(security),
  handler: (req, res) => {
    const id = String(req.headers['x-id'])
    ran.push(id)
    setTimeout(() => res.end(id), 20)
  },
})

process.on('message', async () => {
  await sleuth.close()
  process.send?.({ ran }, () => process.disconnect())
})

process.send?.('ready')

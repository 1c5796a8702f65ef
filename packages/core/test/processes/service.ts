import { createSleuth } from '@sleuth/core'

/** An instance of `foo` on loopback: notes the ids of the calls that it runs, and tells them when it has left. */
const ran: string[] = []

const sleuth = await createSleuth({
  service: 'foo',
  interface: 'loopback',
  port: Number(process.argv[2]),
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

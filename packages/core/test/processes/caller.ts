import { createSleuth } from '@sleuth/core'

/**
 * A node on loopback that echoes as `other`. Told to call a service, it sends a body there, and tells whether that
 * came back. Told nothing, it leaves.
 */
const [, , port, options = '{}'] = process.argv
const sleuth = await createSleuth({
  service: 'other',
  interface: 'loopback',
  port: Number(port),
  timeout: 20_000,
  ...JSON.parse(options),
  handler: (req, res) => {
    req.pipe(res)
  },
})

process.on('message', async ({ call, bytes }: { call?: string; bytes?: number }) => {
  if (call === undefined) {
    await sleuth.close()
    process.disconnect()
    return
  }
  await sleuth.waitFor(call)
  const sent = Buffer.alloc(bytes ?? 0, 'x')
  const { body } = await sleuth.request(`sleuth://${call}/`, { method: 'POST', body: sent })
  process.send?.({ echoed: body.equals(sent) })
})
process.send?.('ready')

// From createSleuth() to the first answer, with the service already running. Argument: UDP port.
import { createSleuth } from '@sleuth/core'

const started = performance.now()
const sleuth = await createSleuth({ interface: 'loopback', port: Number(process.argv[2]), timeout: 10_000 })
await sleuth.waitFor('echo')
await sleuth.request('sleuth://echo/echo', {
  method: 'POST',
  headers: { 'content-type': 'application/octet-stream' },
  body: 'x',
})
const milliseconds = performance.now() - started
await sleuth.close()
process.send({ milliseconds }, () => process.disconnect())

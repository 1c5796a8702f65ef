// A caller that begins to read what never ends. Argument: UDP port.
import { createSleuth } from '@sleuth/core'

const sleuth = await createSleuth({ interface: 'loopback', port: Number(process.argv[2]), timeout: 10_000 })
await sleuth.waitFor('streams')
const { body } = await sleuth.do('sleuth://streams/endless')
let bytes = 0
for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
  bytes += part.length
  if (bytes > 2 ** 20) process.send?.(['reading', true])
}

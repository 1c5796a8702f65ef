// The memory of a node that does nothing. Argument: UDP port.
import { createSleuth } from '@sleuth/core'

globalThis.gc?.()
const before = process.memoryUsage().rss
const sleuth = await createSleuth({ interface: 'loopback', port: Number(process.argv[2]) })
await sleuth.waitFor('echo')
const grown = (process.memoryUsage().rss - before) / 2 ** 20
await sleuth.close()
process.send({ mebibytes: grown }, () => process.exit())

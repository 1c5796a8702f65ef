// One service of the shop that is in the pictures: node shop.js NAME INSTANCE CALLS…
// It answers each request after it has called the others. `fails=N` as a call means that so many percent of answers are 500.
import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth } from '@sleuth/core'

const [, , service, name, ...others] = process.argv
const fails = Number(others.find((other) => other.startsWith('fails='))?.slice(6) ?? 0)
const called = others.filter((other) => !other.startsWith('fails='))

let answered = 0
const sleuth = await createSleuth({
  service,
  name,
  version: '2.3.0',
  handler: async (_req, res) => {
    answered += 1
    await Promise.all(called.map((other) => sleuth.request(`sleuth://${other}/`).catch(() => {})))
    await sleep(2 + ((answered * 7) % 11))
    res.writeHead((answered * 37) % 100 < fails ? 500 : 200).end('{}')
  },
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

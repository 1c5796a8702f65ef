// @ts-check
import { setTimeout as pass } from 'node:timers/promises'
import { createSleuth } from '@sleuth/core'
import { network } from '../network.js'

/** @type {import('@sleuth/core').RequestListener} */
const handler = (_req, res) => void res.end()

const shop = await createSleuth({ ...network, service: 'shop', handler })
const audit = await createSleuth({ ...network, service: 'audit', handler })
const mails = [
  await createSleuth({ ...network, service: 'mail', name: 'mail 1', handler }),
  await createSleuth({ ...network, service: 'mail', name: 'mail 2', handler }),
]

const seen = new Set()
audit.subscribe('order.*', ({ topic, source, data }) => {
  seen.add(data)
  console.log(`audit: ${topic} ${data} from ${source.service}`)
})
for (const [at, mail] of mails.entries())
  mail.subscribe('order.created', ({ data }) => {
    seen.add(`invoice ${data}`)
    console.log(`mail ${at + 1}: invoice for order ${data}`)
  })

// Subscriptions are known a moment after their node is. An event to all says how many are known.
for (const mail of mails) mail.subscribe('ready', () => {})
while ((await shop.emit('ready', undefined, { to: 'all' })) < mails.length) await pass(20)
await shop.emit('order.created', 0, { to: 'audit', waitFor: 5000 })

// By default an event goes to one instance of each service: one invoice for each order.
for (const order of [1, 2, 3, 4]) console.log(`shop: ${await shop.emit('order.created', order)} were told`)
while (![1, 2, 3, 4].every((order) => seen.has(order) && seen.has(`invoice ${order}`))) await pass(20)

await Promise.all([shop, audit, ...mails].map((sleuth) => sleuth.close()))

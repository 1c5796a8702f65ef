// @ts-check
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSleuth, generateKeys } from '@sleuth/core'
import { network } from '../network.js'

// Each process would make its own pair, and keep the secret key to itself. What is shared is a directory of public keys.
const keys = { ledger: generateKeys(), billing: generateKeys(), stranger: generateKeys() }
const allow = await mkdtemp(join(tmpdir(), 'sleuth-keys-'))
await writeFile(join(allow, 'ledger'), keys.ledger.publicKey)
await writeFile(join(allow, 'billing'), keys.billing.publicKey)

/**
 * The directory says who is in the network. What each may do is for the service to say.
 *
 * @type {import('@sleuth/core').RequestListener}
 */
const handler = (req, res) => {
  const { service, publicKey } = req.sleuthPeer ?? {}
  const known = service === 'billing' && publicKey === keys.billing.publicKey
  if (!known) res.statusCode = 403
  res.end(known ? `booked for ${service}` : 'only billing may do that')
}

const ledger = await createSleuth({
  ...network,
  service: 'ledger',
  handler,
  security: { ...keys.ledger, allow },
})
const billing = await createSleuth({
  ...network,
  service: 'billing',
  handler: (_req, res) => res.end('nothing to see'),
  security: { ...keys.billing, allow },
})

await billing.waitFor('ledger')
const answer = await billing.do('sleuth://ledger/invoices', { method: 'POST', body: '{"sum":100}' })
console.log(`billing: ${answer.status}, ${await answer.text()}`)

// The stranger has read the public keys, which are no secret, and calls itself billing. Its own key is not in the directory.
const stranger = await createSleuth({
  ...network,
  service: 'billing',
  handler: (_req, res) => res.end('nothing to see'),
  security: { ...keys.stranger, allow: [keys.ledger.publicKey, keys.billing.publicKey] },
})
try {
  await stranger.waitFor('ledger', { timeout: 2000 })
  console.log('stranger: was let in')
} catch (error) {
  console.log(`stranger: ${/** @type {{ code?: string }} */ (error).code}, it finds nobody`)
}
const refused = ledger.stats().dropped['key-refused'] ?? 0
const instances = ledger.services().find(({ service }) => service === 'billing')?.instances ?? []
console.log(
  `ledger: ${refused > 0 ? 'turned a key away' : 'met no stranger'}, billings known: ${instances.length}`,
)

await Promise.all([ledger.close(), billing.close(), stranger.close()])
await rm(allow, { recursive: true })

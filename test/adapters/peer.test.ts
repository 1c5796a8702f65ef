import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createSleuth, generateKeys, type SleuthPeer } from '@sleuth/core'
import { ears, type Front, fronts } from './fronts.js'
import { network } from './network.js'

const on = await network()
const keys = { app: generateKeys(), billing: generateKeys(), stranger: generateKeys() }
const allow = [keys.app.publicKey, keys.billing.publicKey]

for (const [framework, open] of Object.entries(fronts)) {
  describe(`two apps in ${framework} on a closed network`, () => {
    const seen: (SleuthPeer | undefined)[] = []
    const service = `app-in-${framework}`
    const log = ears()
    let app: Front
    let billing: Front

    before(async () => {
      const common = { ...on, timeout: 10_000, logger: log.logger }
      app = await open({ ...common, service, security: { ...keys.app, allow } }, (...peers) =>
        seen.push(...peers),
      )
      billing = await open({ ...common, service: 'billing', security: { ...keys.billing, allow } }, () => {})
      await Promise.all([billing.sleuth.waitFor(service), app.sleuth.waitFor('billing')])
    })

    after(() => Promise.all([app.close(), billing.close()]))

    test('the handler learns who calls by sleuth, wherever it looks', async () => {
      seen.length = 0
      const { status, body } = await billing.sleuth.request(`sleuth://${service}/`)
      assert.deepEqual([status, String(body)], [200, 'from billing'])
      const id = app.sleuth.services().find(({ service }) => service === 'billing')?.instances[0]?.id
      assert.ok(id)
      assert.equal(seen.length, 2)
      assert.equal(seen[0], seen[1])
      assert.deepEqual(seen[0], {
        id,
        name: id.slice(0, 6),
        service: 'billing',
        address: '127.0.0.1',
        verified: true,
        publicKey: keys.billing.publicKey,
      })
    })

    test('over HTTP it is nobody, whatever the caller says', async () => {
      seen.length = 0
      const headers = { sleuthPeer: 'billing', 'sleuth-peer': 'billing' }
      const response = await fetch(`http://127.0.0.1:${app.port}/`, { headers })
      assert.equal(await response.text(), 'from nobody')
      assert.deepEqual(seen, [undefined, undefined])
    })

    test('a stranger and they do not meet', async () => {
      const { requests } = app.sleuth.stats()
      const own = ears()
      const { publicKey } = keys.stranger
      await using stranger = await createSleuth({
        ...on,
        service: 'stranger',
        handler: () => assert.fail('somebody asked a stranger'),
        security: { ...keys.stranger, allow: [...allow, publicKey] },
        logger: own.logger,
      })
      await Promise.all([log.told(publicKey), own.told('does not let us in')])
      assert.deepEqual(stranger.services(), [])
      assert.ok(!app.sleuth.services().some(({ service }) => service === 'stranger'))
      await assert.rejects(stranger.request(`sleuth://${service}/`), { code: 'SLEUTH_UNKNOWN_SERVICE' })
      assert.equal(app.sleuth.stats().requests, requests)
    })
  })
}

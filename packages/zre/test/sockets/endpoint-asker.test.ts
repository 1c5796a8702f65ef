import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createNode, generateKeys } from '@sleuth/zre'
import { EndpointAsker } from '@sleuth/zre/diagnostics'

const options = { interface: 'loopback', port: 21_873, discovery: [] } as const

describe('an endpoint that is looked at from outside', { timeout: 20_000 }, () => {
  it('shakes hands, and says who is there', async () => {
    const node = await createNode(options)
    const asker = new EndpointAsker({ timeout: 2000 })
    try {
      assert.equal(await asker.shakeHands(node.endpoint, undefined), true)
      assert.deepEqual(await asker.identify(node.endpoint, undefined), {
        id: node.id,
        endpoint: node.endpoint,
      })
    } finally {
      asker.close()
      await node.close()
    }
  })

  it('does not shake hands when nobody is there', async () => {
    const asker = new EndpointAsker({ timeout: 500 })
    assert.equal(await asker.shakeHands('tcp://127.0.0.1:1', undefined), false)
    assert.equal(await asker.identify('tcp://127.0.0.1:1', undefined), undefined)
    asker.close()
  })

  it('lets in only keys that are allowed', async () => {
    const [ours, theirs, stranger] = [generateKeys(), generateKeys(), generateKeys()]
    const node = await createNode({ ...options, security: { ...theirs, allow: [ours.publicKey] } })
    const good = new EndpointAsker({ keys: ours, timeout: 2000 })
    const bad = new EndpointAsker({ keys: stranger, timeout: 500 })
    try {
      assert.equal(await good.shakeHands(node.endpoint, theirs.publicKey), true)
      assert.equal(await bad.shakeHands(node.endpoint, theirs.publicKey), false)
      assert.equal(await good.shakeHands(node.endpoint, stranger.publicKey), false)
    } finally {
      for (const asker of [good, bad]) asker.close()
      await node.close()
    }
  })
})

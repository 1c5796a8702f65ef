import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeNetwork } from '../fake-network.js'
import { join, mirror, settle } from '../harness.js'

async function messageOf(services: string[], clients = 0): Promise<string> {
  const network = new FakeNetwork()
  const { sleuth } = await join(network)
  for (const service of services) await join(network, { service, handler: mirror })
  for (let i = 0; i < clients; i++) await join(network)
  await settle()
  const error = await sleuth.request('sleuth://my-service/').then(
    () => assert.fail('it was answered'),
    (thrown: Error) => thrown,
  )
  return error.message
}

describe('the error for an unknown service', () => {
  it('names a service whose name differs in little', async () => {
    assert.match(await messageOf(['users', 'My_Service']), /"my-service" is known; "My_Service" is known: /)
  })

  it('counts other services, and does not name them', async () => {
    const message = await messageOf(['users', 'articles'])
    assert.match(message, /2 other services are known/)
    assert.doesNotMatch(message, /users|articles/)
    assert.match(await messageOf(['users']), /1 other service is known/)
  })

  it('counts nodes without a service', async () => {
    assert.match(await messageOf([], 1), /1 other node is heard, without a service in this group/)
  })

  it('tells that nobody is heard', async () => {
    assert.match(await messageOf([]), /no other node is heard/)
  })
})

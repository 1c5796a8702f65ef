import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth, type Sleuth } from '@sleuth/core'
import { describeUnless } from '../hosts/missing.js'
import { buildGo, type GoPrograms } from './build-go.js'
import { freshPort, Network } from './network.js'

const NODES = 24

const built = await buildGo()

describeUnless('missing' in built ? built.missing : undefined, 'Go beside nodes with few links', {}, () => {
  let network: Network
  const nodes: Sleuth[] = []
  before(() => {
    network = Network.loopback(built as GoPrograms)
  })
  after(async () => {
    for (const node of nodes) await node.close()
    await network?.close()
  })

  test('calls all of them, and is called by all, when most links between them are closed', async (t) => {
    const port = freshPort()
    const services = Array.from({ length: NODES }, (_, index) => `node-${index}`)
    for (const service of services) {
      const node = await createSleuth({
        interface: 'loopback',
        port: Number(port),
        service,
        handler: (_, res) => res.end(service),
        links: 'used',
        timeout: 5000,
      })
      nodes.push(node)
    }
    const [, client] = await Promise.all([network.goService(port, 'go-service'), network.goClient(port)])
    await client.tell('waitFor', { services })

    const links = () => nodes.map((node) => node.stats().peers)
    const callAll = async () => {
      for (const service of services) {
        const answer = await client.tell('do', { method: 'GET', url: `sleuth://${service}/`, headers: [] })
        assert.equal(Buffer.from(String(answer.body), 'base64').toString(), service)
      }
      for (const node of nodes) {
        const { status } = await node.request('sleuth://go-service/echo', { waitFor: 5000 })
        assert.equal(status, 200)
      }
    }
    await callAll()
    // Links that nobody wants are closed after half a minute.
    while (links().some((count) => count > NODES - 2)) await sleep(500)
    t.diagnostic(`${links()} links`)
    await callAll()
    for (const node of nodes) assert.equal(node.services().length, NODES)
  })
})

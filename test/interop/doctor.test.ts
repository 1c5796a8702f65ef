import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleuth } from '../cli/command.js'
import { describeUnless } from '../hosts/missing.js'
import { buildGo, type GoPrograms } from './build-go.js'
import { freshPort, Network } from './network.js'

const built = await buildGo()
const missing = 'missing' in built ? built.missing : undefined

describeUnless(missing, 'sleuth doctor beside the real Go sleuth', {}, () => {
  test('reaches a Go service, says what it can not do, and the service still answers', async () => {
    const network = Network.loopback(built as GoPrograms)
    const port = freshPort()
    try {
      await network.goService(port, 'go-service')
      const client = await network.nodeClient(port)
      await client.tell('waitFor', { services: ['go-service'] })
      const { out } = await sleuth(['doctor', '--ports', '', '--json'], Number(port))
      const lines = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ check, status, text }) => `${check} ${status}: ${text}`)
        .join('\n')
      assert.match(lines, /^peers ok: 2 nodes can be reached, and can reach this machine$/m)
      assert.match(lines, /^packet-size ok: 64 KiB at once reach 2 nodes$/m)
      assert.match(lines, /^wires ok: one instance of sleuth for Go \(go-service\): bodies .* travel whole/m)
      assert.doesNotMatch(lines, /^(groups|wires|turned-away|peers|packet-size) (warn|fail)/m)
      const answer = await client.tell('do', { method: 'GET', url: 'sleuth://go-service/echo', headers: [] })
      assert.equal(answer.status, 200)
    } finally {
      await network.close()
    }
  })
})

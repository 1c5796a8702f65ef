import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleuth } from '../cli/command.js'
import { describeUnless } from '../hosts/missing.js'
import { buildGo, type GoPrograms } from './build-go.js'
import { freshPort, Network } from './network.js'

const built = await buildGo()
const missing = 'missing' in built ? built.missing : undefined

describeUnless(missing, 'the command sleuth beside the real Go sleuth', {}, () => {
  test('ls lists a Go service, and call calls it', async (t) => {
    const network = Network.loopback(built as GoPrograms)
    t.after(() => network.close())
    const port = freshPort()
    await Promise.all([
      network.goService(port, 'go-service'),
      network.nodeService(port, 'node-service', 'handler'),
    ])

    const list = await sleuth(['ls', '--wait', '3s'], Number(port))
    assert.equal(list.code, 0, list.err)
    const rows = list.out
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s+/))
    const columns = rows.map(([service, , , , wire, rtt, uptime, ready]) => [
      service,
      wire,
      rtt,
      uptime,
      ready,
    ])
    assert.deepEqual(columns[0], ['go-service', '1', '-', '-', 'yes'])
    assert.deepEqual([columns[1]?.[0], columns[1]?.[1]], ['node-service', '2'])
    assert.notEqual(columns[1]?.[2], '-')

    const call = await sleuth(['call', '-v', 'go-service/echo', '-d', 'Hello'], Number(port))
    assert.equal(call.code, 0, call.err)
    assert.equal(JSON.parse(call.out).body, Buffer.from('Hello').toString('base64'))
    assert.match(call.err, /^\* attempt 1 at .* answered 200 after /m)
  })
})

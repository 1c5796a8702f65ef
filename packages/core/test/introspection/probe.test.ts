import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import type { Peer, ZreNode } from '@sleuth/zre'
import { probeReport } from '#src/introspection/probe-report.js'
import { type TcpFinding, tcpCheck } from '#src/introspection/tcp-check.js'

const nodeThat = (answer: boolean | undefined) => ({ probe: async () => answer }) as unknown as ZreNode
const endpoint = 'tcp://127.0.0.1:1'
const peerOf = (connections: Peer['connections']) => ({ id: 'A', endpoint, connections }) as Peer

describe('a probe', () => {
  const findings = {
    open: /handshake/,
    refused: /refused/,
    unreachable: /no way/,
    silent: /no answer/,
    untried: /no socket/,
  }

  for (const [finding, why] of Object.entries(findings)) {
    it(`that fails says how far a connection gets: ${finding}`, async () => {
      const asked: string[] = []
      const check = async (place: string) => {
        asked.push(place)
        return finding as TcpFinding
      }
      const report = await probeReport(nodeThat(false), peerOf('both'), check)
      assert.equal(report.reached, false)
      assert.match(report.why ?? '', why)
      assert.deepEqual(asked, [endpoint])
    })
  }

  it('goes nowhere for a peer of which only itself says where it is', async () => {
    const node = { probe: assert.fail } as unknown as ZreNode
    const report = await probeReport(node, peerOf('theirs'), assert.fail)
    assert.equal(report.reached, false)
    assert.match(report.why ?? '', /answers on the one/)
  })

  it('that succeeds, or that can not be made, makes no further connection', async () => {
    const { reached, why } = await probeReport(nodeThat(true), peerOf('both'), assert.fail)
    assert.deepEqual([reached, why], [true, undefined])
    assert.match((await probeReport(nodeThat(undefined), peerOf('both'), assert.fail)).why ?? '', /too many/)
  })
})

describe('a TCP connection', () => {
  for (const host of ['127.0.0.1', '::1']) {
    it(`to a program is made, and to none is refused, at ${host}`, async (t) => {
      const server = createServer().listen(0, host)
      try {
        await once(server, 'listening')
      } catch {
        return t.skip('this host has no IPv6')
      }
      const { port } = server.address() as AddressInfo
      const place = `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`
      assert.equal(await tcpCheck(place, 20_000), 'open')
      server.close()
      await once(server, 'close')
      assert.equal(await tcpCheck(place, 20_000), 'refused')
    })
  }
})

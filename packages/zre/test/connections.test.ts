import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { Connections } from '#src/connections.js'
import type { PeerState } from '#src/machine/peer.js'
import type { Input } from '#src/machine/types.js'
import { RejectionLog } from '#src/security/rejection-log.js'
import { Counters } from '#src/stats.js'
import type { Logger } from '#src/types.js'

const PEER = 'BB'.repeat(16)

describe('what the transport tells of connections', () => {
  let inputs: Input[]
  let lines: string[]
  let peers: Map<string, PeerState>
  let connections: Connections

  beforeEach(() => {
    inputs = []
    lines = []
    peers = new Map()
    const write = (_: object, text: string) => lines.push(text)
    const logger: Logger = { trace() {}, debug() {}, info: write, warn: write, error: write }
    const counters = new Counters(logger)
    connections = new Connections({
      logger,
      counters,
      rejections: new RejectionLog(counters, logger),
      publicKey: 'k'.repeat(40),
      peers: () => peers,
      step: (input) => inputs.push(input),
    })
  })

  it('is an input of the machine', () => {
    connections.onConnected(PEER)
    connections.onDisconnected(PEER, true)
    connections.onDoubt(PEER)
    connections.onMoved('tcp://10.0.0.9:5000')
    connections.onReturned()
    assert.deepEqual(inputs, [
      { type: 'connected', id: PEER },
      { type: 'disconnected', id: PEER, interfaceDown: true },
      { type: 'ping', to: PEER },
      { type: 'moved', endpoint: 'tcp://10.0.0.9:5000' },
      { type: 'returned' },
    ])
    assert.deepEqual(lines, [])
  })

  it('is logged as well where a user can mend it', () => {
    connections.onLost(PEER, new Error('too many sockets'))
    connections.onRefused(PEER, 'tcp://10.0.0.2:5000')
    connections.onRefused(PEER, 'tcp://10.0.0.2:5000')
    assert.deepEqual(
      inputs.map(({ type }) => type),
      ['lost', 'denied', 'denied'],
    )
    assert.equal(lines.length, 2, lines.join('\n'))
    assert.match(lines[0] ?? '', /a mailbox failed/)
  })

  it('asks whether any peer is present', () => {
    assert.equal(connections.isAlone(), true)
    peers.set(PEER, { view: undefined } as PeerState)
    assert.equal(connections.isAlone(), true)
    peers.set('CC'.repeat(16), { view: {} } as PeerState)
    assert.equal(connections.isAlone(), false)
  })
})

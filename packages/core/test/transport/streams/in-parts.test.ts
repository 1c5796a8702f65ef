import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { inParts } from '#src/shared/turns.js'
import { encodeRequest } from '#src/transport/go/request.js'
import { asked, dataFrame, requestFrame, until } from './harness.js'

const COUNT = 1000

/** A service that a peer has asked `COUNT` times, and how many of its handlers know that their caller is gone. */
async function crowd(options: { answers?: boolean } = {}) {
  const open: ServerResponse[] = []
  let told = 0
  let received = 0
  const scene = await asked((req, res) => {
    open.push(res)
    res.on('close', () => told++)
    req.on('data', (bytes: Buffer) => {
      received += bytes.length
    })
    req.on('error', () => {})
    if (options.answers) res.flushHeaders()
  })
  const ask = (end: boolean) => {
    for (let stream = 1; stream <= COUNT; stream++) scene.peer.say(requestFrame(stream, { end }))
    return until(() => open.length === COUNT)
  }
  return { ...scene, open, ask, told: () => told, received: () => received }
}

describe('what one event of a peer ends, its handlers are told in several turns of the event loop', () => {
  for (const reason of ['lost', 'restarted'] as const) {
    it(`the peer is ${reason}`, async () => {
      const { service, peer, ask, told } = await crowd()
      await ask(true)
      service.node.emit('exit', peer.node.self, reason)
      await turn()
      assert.ok(told() > 0 && told() < COUNT / 2, `${told()} were told at once`)
      await until(() => told() === COUNT)
      assert.equal(service.sleuth.stats().abandoned, COUNT)
      await service.sleuth.close()
    })
  }

  it('the peer is lost that asked on the first wire', async () => {
    const { service, peer, open, told } = await crowd()
    const request = { destination: peer.node.id, handle: '1', method: 'GET', url: '/', headers: [] }
    const content = encodeRequest('SLEUTH-v1', { ...request, body: Buffer.alloc(0) })
    for (let count = 0; count < COUNT; count++) peer.node.whisper(service.node.id, content)
    await until(() => open.length === COUNT)
    service.node.emit('exit', peer.node.self, 'lost')
    await turn()
    assert.ok(told() > 0 && told() < COUNT / 2, `${told()} were told at once`)
    await until(() => told() === COUNT)
  })

  it('a packet can not be read: nothing more comes of a body, and nothing more leaves of an answer', async () => {
    const { service, peer, open, ask, told, received } = await crowd({ answers: true })
    await ask(false)
    await until(() => peer.heard.length === COUNT)
    peer.heard.length = 0
    peer.node.whisper(service.node.id, Buffer.of(2, 0))
    for (let stream = 1; stream <= COUNT; stream++) peer.say(dataFrame('callerData', stream, 'x'))
    await until(() => told() > 0)
    assert.ok(told() < COUNT / 2, `${told()} were told at once`)
    for (const res of open) res.end('x')
    await until(() => told() === COUNT)
    assert.equal(received(), 0)
    await until(() => peer.heard.length >= COUNT)
    assert.deepEqual(new Set(peer.heard.map(({ kind }) => kind)), new Set(['serviceReset']))
    assert.equal(peer.heard.length, COUNT)
    assert.equal(service.sleuth.stats().inflight, 0)
  })

  it('all in their order', async () => {
    const seen: number[] = []
    const items = Array.from({ length: COUNT }, (_, index) => index)
    inParts(items, (item) => seen.push(item))
    assert.ok(seen.length < COUNT)
    await until(() => seen.length === COUNT)
    assert.deepEqual(seen, items)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { asked, pattern, requestFrame, until } from './streams/harness.js'

const MIB = 1024 * 1024

describe('what a peer sends while a message of it is still being handled', () => {
  it('waits up to a limit; above it, it is dropped with all that waits, and the peer is served on', async () => {
    const urls: string[] = []
    const limits = { buffered: 256 * 1024, message: 2 * MIB }
    const { service, peer } = await asked(
      (req, res) => {
        urls.push(req.url as string)
        res.end()
      },
      { limits },
    )
    // So large that it is unzipped in another thread. Its answer would be for another peer: it gets none.
    const request = { destination: 'another', handle: '1', url: '/', body: pattern(MIB).toString('base64') }
    const large = gzipSync(JSON.stringify(request))
    peer.node.whisper(service.node.id, Buffer.concat([Buffer.from('SLEUTH-v1REPL'), large]))
    const body = Buffer.alloc(100 * 1024)
    for (let stream = 1; stream <= 40; stream++) peer.say(requestFrame(stream, { url: `/${stream}`, body }))
    await until(() => (service.sleuth.stats().dropped['peer-backlog'] ?? 0) > 0)
    await until(() => service.sleuth.stats().dropped.SLEUTH_DESTINATION === 1)
    peer.say(requestFrame(100, { url: '/again' }))
    await until(() => urls.includes('/again'))
    // What waited when the first was dropped never runs: something may be missing before any of it.
    for (const url of ['/1', '/2', '/3']) assert.ok(!urls.includes(url), url)
    assert.equal(service.sleuth.stats().inflight, 0)
  })
})

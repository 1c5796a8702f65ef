import assert from 'node:assert/strict'
import { it } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { ExitReason } from '@sleuth/zre'
import { directWindows } from '#src/shared/limits.js'
import { Counters } from '#src/shared/stats.js'
import { Router, type RouterOptions } from '#src/transport/router.js'
import { type DirectChannel, Sessions, type SessionsOptions } from '#src/transport/streams/sessions.js'
import { FakeNetwork } from '../fake-network.js'
import { recorder } from '../harness.js'
import { pattern } from './streams/harness.js'

const MIB = 1024 * 1024
/** So large that it is unzipped in another thread, and its peer's next messages wait. */
const large = Buffer.concat([Buffer.from('SLEUTH-v1RECV'), gzipSync(pattern(MIB))])

class Channel implements DirectChannel {
  readonly takesTails = false
  readonly windows = directWindows
  closed = false
  send(): void {}
  flush(): void {}
  control(): void {}
  acknowledged = async () => true
  close(): void {
    this.closed = true
  }
}

/** A node that is in the middle of a message of its peer when that is gone. `over`: it is done with all of that. */
function busyRouter() {
  const network = new FakeNetwork()
  const [node, { id }] = [network.add(), network.add()]
  const peer = node.peer(id)
  assert.ok(peer)
  const nothing = () => {}
  const limits = { streams: 10, buffered: MIB, message: 2 * MIB, unzipped: 2 * MIB }
  const sessions = new Sessions({
    ...{ maxStreams: limits.streams, maxBuffered: limits.buffered, maxQueued: MIB, now: () => 0 },
    ...{ unsent: nothing, dropped: nothing, send: nothing, indirect: nothing, control: nothing },
    acknowledged: async () => true,
    server: () => assert.fail('nobody asks'),
  } satisfies SessionsOptions)
  const pending = { receive: nothing, peerGone: nothing }
  const over = new Promise<void>((resolve) => {
    pending.peerGone = resolve
  })
  new Router({
    gone: () => {},
    ...{ node, sessions, pending, server: undefined },
    options: { group: 'SLEUTH-v1', wire: 2, limits },
    directory: { add: nothing, remove: nothing },
    counters: new Counters(),
    log: recorder().logger,
  } as unknown as RouterOptions).listen()
  node.emit('whisper', peer, [large])
  return { node, peer, sessions, over }
}

for (const reason of ['restarted', 'lost'] satisfies ExitReason[]) {
  it(`a peer that is ${reason} while a message of it is read loses its direct connection, and not the next one`, async () => {
    const { node, peer, sessions, over } = busyRouter()
    const [before, after] = [new Channel(), new Channel()]
    sessions.direct(peer.id, before)
    node.emit('exit', peer, reason)
    node.emit('enter', peer)
    assert.equal(before.closed, true)
    sessions.direct(peer.id, after)
    await over
    assert.equal(after.closed, false)
  })
}

// Runs in a process of its own: it measures memory.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { requestHead } from '#src/server/request-head.js'
import { readFrames, writePacket } from './frames.js'

const MiB = 1024 * 1024

describe('what a handler keeps of a head', () => {
  let collect: () => void

  before(() => {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc')
  })
  after(() => setFlagsFromString('--no-expose-gc'))

  /** How much the heap has grown by what `make` gives a thousand of. */
  function grown(make: (at: number) => unknown): number {
    collect()
    const start = process.memoryUsage().heapUsed
    const kept = Array.from({ length: 1000 }, (_, at) => make(at))
    collect()
    const end = process.memoryUsage().heapUsed
    assert.equal(kept.length, 1000)
    return end - start
  }

  const padding = 'p'.repeat(50_000)
  const read = (headers: string[], url = '/') => {
    const packet = writePacket({
      kind: 'request',
      stream: 1,
      deadline: 0,
      method: 'GET',
      url,
      headers,
      body: Buffer.alloc(0),
      end: true,
    })
    const [frame] = readFrames(packet)
    assert.ok(frame?.kind === 'request')
    return frame
  }
  const headOf = (headers: string[], url?: string) => {
    const frame = read(headers, url)
    const caller = { peer: {}, port: 1, isGo: false } as never
    const head = requestHead({ ...frame, body: null, caller } as never, 'foo')
    assert.ok(typeof head === 'object')
    return head
  }

  const cases: Record<string, (at: number) => unknown> = {
    'one header of a large head': (at) =>
      read(['x-token', `a-token-of-${at}`, 'x-padding', padding]).headers[1],
    'a header that was trimmed': (at) =>
      headOf(['x-token', `a-token-of-${at}${' '.repeat(50_000)}`]).rawHeaders[3],
    'a URL without its fragment': (at) => headOf([], `/a-path-of-${at}#${'f'.repeat(16_000)}`).url,
  }
  for (const [name, make] of Object.entries(cases)) {
    it(`is that alone: ${name}`, () => {
      assert.ok(grown(make) < 2 * MiB)
    })
  }
})

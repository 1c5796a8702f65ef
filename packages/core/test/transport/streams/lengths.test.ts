import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SleuthError } from '#src/shared/errors.js'
import type { RequestOptions } from '#src/types.js'
import { settle } from '../../harness.js'
import { answering, asked, dataFrame, requestFrame, responseFrame, until, wired } from './harness.js'

const post = (length: string, body = '', end = false) =>
  requestFrame(1, { method: 'POST', headers: ['content-length', length], body, end })

function resets(heard: readonly object[]): unknown[] {
  return heard.flatMap((frame) => ('why' in frame ? [frame.why] : []))
}

function statuses(heard: readonly object[]): unknown[] {
  return heard.flatMap((frame) => ('status' in frame ? [frame.status] : []))
}

describe('a request that follows its head', () => {
  /** A handler that answers when it has read all, and what it noted. */
  async function reading() {
    const noted: string[] = []
    const { peer, service } = await asked((req, res) => {
      noted.push(`told ${req.headers['content-length'] ?? req.headers['transfer-encoding']}`)
      let size = 0
      req.on('data', (chunk) => {
        size += chunk.length
      })
      req.on('aborted', () => noted.push('aborted'))
      req.on('end', () => {
        noted.push(`read ${size}`)
        res.end('read')
      })
      req.on('error', () => {})
    })
    return { noted, peer, service }
  }

  it('is read if it is as long as it says', async () => {
    const { noted, peer, service } = await reading()
    peer.say(post('4', 'fo'), dataFrame('callerData', 1, 'ur'), dataFrame('callerData', 1, '', true))
    await until(() => peer.heard.length > 0)
    assert.deepEqual([noted, statuses(peer.heard)], [['told 4', 'read 4'], [200]])
    assert.deepEqual(service.sleuth.stats().dropped, {})
  })

  const untrue = {
    'is longer at once': [post('3', 'four')],
    'is longer later': [post('4', 'four'), dataFrame('callerData', 1, 's')],
    'is longer at its end': [post('4', 'four'), dataFrame('callerData', 1, 's', true)],
    'ends before': [post('4', 'fou'), dataFrame('callerData', 1, '', true)],
    'has nothing': [post('4'), dataFrame('callerData', 1, '', true)],
  }
  for (const [what, frames] of Object.entries(untrue)) {
    it(`is cut off with 400, and counted, if it ${what}`, async () => {
      const { noted, peer, service } = await reading()
      peer.say(...frames)
      await until(() => resets(peer.heard).length > 0)
      assert.deepEqual([statuses(peer.heard), resets(peer.heard)], [[400], ['cancelled']])
      assert.match(noted.join(), /^told \d,aborted$/)
      const { dropped, replies } = service.sleuth.stats()
      assert.deepEqual([dropped, replies], [{ 'content-length': 1 }, 1])
    })
  }

  it('reaches no handler with a length that is none, or with two', async () => {
    const { noted, peer, service } = await reading()
    peer.say(post('many'))
    const headers = ['content-length', '4', 'Content-Length', '5']
    peer.say(requestFrame(2, { method: 'POST', headers, end: false }))
    await until(() => statuses(peer.heard).length === 2)
    assert.deepEqual([noted, statuses(peer.heard)], [[], [400, 400]])
    assert.deepEqual(service.sleuth.stats().dropped, { SLEUTH_REQUEST_HTTP: 2 })
  })

  it('is reset where its answer has begun, or is complete', async () => {
    for (const complete of [false, true]) {
      const { peer } = await asked((req, res) => {
        req.resume().on('error', () => {})
        res.write('begun')
        if (complete) res.end()
      })
      peer.say(post('3', 'abc'))
      await settle()
      peer.say(dataFrame('callerData', 1, 'd'))
      await until(() => resets(peer.heard).length > 0)
      assert.deepEqual([statuses(peer.heard), resets(peer.heard)], [[200], ['protocol']])
    }
  })
})

describe('a reply that follows its head', () => {
  const head = (stream: number, length = '4', body = 'fo') =>
    responseFrame(stream, { headers: ['Content-Length', length], body, end: false })

  /** The call's first frame is a request: it is answered with these. */
  async function answered(...rest: [body: string, end: boolean][]) {
    const { sleuth, peer } = await answering()
    const calls = [sleuth.request('sleuth://foo/'), sleuth.do('sleuth://foo/')]
    await until(() => peer.heard.length === calls.length)
    for (const { stream } of peer.heard) {
      peer.say(head(stream))
      for (const [body, end] of rest) peer.say(dataFrame('serviceData', stream, body, end))
    }
    const [lean, response] = calls
    const body = async () => String((await lean)?.body)
    const text = async () => ((await response) as Response).text()
    return Promise.allSettled([body(), text()])
  }

  it('is read if it is as long as it says', async () => {
    for (const settled of await answered(['u', false], ['r', true]))
      assert.deepEqual(settled, { status: 'fulfilled', value: 'four' })
  })

  const untrue: [what: string, ...Parameters<typeof answered>][] = [
    ['is longer', ['urs', false]],
    ['is longer at its end', ['urs', true]],
    ['ends before', ['u', true]],
  ]
  for (const [what, ...rest] of untrue) {
    it(`breaks off if it ${what}`, async () => {
      for (const settled of await answered(...rest)) {
        assert.equal(settled.status, 'rejected')
        const error = settled.reason
        assert.ok(error instanceof SleuthError, String(error))
        assert.equal(error.code, 'SLEUTH_CUT')
        assert.match(error.message, /protocol error/)
      }
    })
  }

  it('breaks off if it is longer at once', async () => {
    const { sleuth, peer } = await answering()
    const call = sleuth.request('sleuth://foo/')
    await until(() => peer.heard.length === 1)
    peer.say(head(peer.heard[0]?.stream as number, '1'))
    await assert.rejects(call, { code: 'SLEUTH_CUT' })
    await until(() => peer.heard.length === 2)
    assert.deepEqual(resets(peer.heard), ['protocol'])
  })

  it('to HEAD has none', async () => {
    const { sleuth, peer } = await answering()
    const call = sleuth.request('sleuth://foo/', { method: 'HEAD' })
    await until(() => peer.heard.length === 1)
    const stream = peer.heard[0]?.stream as number
    peer.say(head(stream, '4', ''), dataFrame('serviceData', stream, '', true))
    assert.equal((await call).headers['content-length'], '4')
  })

  it('of a length that is none comes without it', async () => {
    const { sleuth, peer } = await answering()
    const call = sleuth.request('sleuth://foo/')
    await until(() => peer.heard.length === 1)
    const stream = peer.heard[0]?.stream as number
    peer.say(head(stream, 'many'), dataFrame('serviceData', stream, '', true))
    const { headers, body } = await call
    assert.deepEqual([headers, String(body)], [{}, 'fo'])
  })
})

for (const wire of [1, 2] as const) {
  describe(`the content-length of our own callers on wire ${wire}`, () => {
    async function told(init: RequestOptions) {
      const lengths: (string | undefined)[] = []
      const { sleuth, service } = await wired(
        (req, res) => {
          lengths.push(req.headers['content-length'])
          req
            .on('error', () => {})
            .on('end', () => res.end())
            .resume()
        },
        { client: { wire } },
      )
      const outcome = await sleuth.request('sleuth://foo/', { method: 'POST', ...init }).then(
        ({ status }) => status,
        (error) => (error instanceof SleuthError ? error.code : error),
      )
      return { outcome, lengths, service }
    }

    it('is corrected where the length of the body is known', async () => {
      for (const body of ['four', Buffer.from('four'), new Blob(['four'])]) {
        for (const length of ['9', '3', 'many', '4']) {
          const { outcome, lengths } = await told({ body, headers: { 'Content-Length': length } })
          assert.deepEqual([outcome, lengths], [200, ['4']])
        }
        const headers: [string, string][] = [
          ['content-length', '4'],
          ['content-length', '4'],
        ]
        assert.deepEqual((await told({ body, headers })).lengths, ['4'])
      }
      const { outcome, lengths } = await told({ method: 'GET', headers: { 'content-length': 9 } })
      assert.deepEqual([outcome, lengths], [200, [undefined]])
    })

    async function* chunks() {
      yield 'fo'
      yield 'ur'
    }

    it('holds for a stream', async () => {
      const { outcome, lengths } = await told({ body: chunks(), headers: { 'content-length': 4 } })
      assert.deepEqual([outcome, lengths], [200, ['4']])
    })

    it('is an error where a stream is longer or shorter', async () => {
      for (const length of [0, 3, 5]) {
        const { outcome } = await told({ body: chunks(), headers: { 'content-length': length } })
        assert.equal(outcome, 'SLEUTH_ARGUMENT', String(length))
      }
    })

    it('is an error where it is none, or two', async () => {
      const twice: [string, string][] = [
        ['content-length', '4'],
        ['content-length', '4'],
      ]
      for (const headers of [{ 'content-length': 'many' }, { 'content-length': '-1' }, twice]) {
        const { outcome, lengths } = await told({ body: chunks(), headers })
        assert.deepEqual([outcome, lengths], ['SLEUTH_ARGUMENT', []])
      }
    })
  })
}

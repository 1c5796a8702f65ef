import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import type { Peer } from '@sleuth/zre'
import fc from 'fast-check'
import { RequestHeaders } from '#src/client/headers.js'
import { joinHeaders } from '#src/client/request.js'
import { splitUrl } from '#src/client/target.js'
import { readAnnouncement } from '#src/directory/instance.js'
import { withoutInvalid } from '#src/http/headers.js'
import { SleuthError } from '#src/shared/errors.js'
import { rejectionIn } from '#src/transport/go/rejection.js'

const text = fc.string({ unit: 'binary' })

/** What it gives, or undefined if it refuses, which it may with a code. */
function taken<T>(action: () => T, ...codes: string[]): T | undefined {
  try {
    return action()
  } catch (error) {
    assert.ok(error instanceof SleuthError && codes.includes(error.code), String(error))
    return undefined
  }
}

describe('the URL of a call', () => {
  const visible = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  })
  const service = visible.map((some) => some.replace(/[/?#@\\]/g, '')).filter((some) => some !== '')
  const rest = fc.tuple(fc.constantFrom('/', '?', '#'), visible).map((parts) => parts.join(''))

  it('is taken apart and is all there', () => {
    fc.assert(
      fc.property(service, fc.oneof(fc.constant(''), rest), (name, path) => {
        assert.deepEqual(splitUrl(`sleuth://${name}${path}`), { service: name, url: path })
      }),
    )
  })

  it('is refused with an @ in its authority', () => {
    const user = fc.string({ unit: fc.constantFrom(...'ab:@%\\\t ') })
    fc.assert(
      fc.property(service, user, fc.oneof(fc.constant(''), rest), (name, before, path) => {
        const url = `sleuth://${before}@${name}${path}`
        assert.equal(
          taken(() => splitUrl(url), 'SLEUTH_USERINFO'),
          undefined,
        )
      }),
    )
  })

  it('is taken or refused with a code, whatever it is', () => {
    const start = fc.constantFrom('sleuth://', 'SLEUTH://', 'sleuth:', 'sleuth:/', 'http://', '')
    fc.assert(
      fc.property(start, text, (scheme, more) => {
        const target = taken(() => splitUrl(scheme + more), 'SLEUTH_URL', 'SLEUTH_SCHEME', 'SLEUTH_USERINFO')
        if (target === undefined) return
        assert.match(target.url, /^[\x21-\x7e]*$/)
        assert.doesNotMatch(target.service, /^$|[/?#@\\ \t\r\n]/)
      }),
    )
  })
})

describe('headers', () => {
  const names = [
    'Set-Cookie',
    'set-cookie',
    'Cookie',
    'Host',
    'host',
    'Age',
    'X-a',
    'x-A',
    'constructor',
    'valueOf',
  ]
  const value = fc.string({ unit: fc.constantFrom(...'a,; ="ÿ') })

  it('are joined as Node joins them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...names), value)), (pairs) => {
        const raw = pairs.flat()
        const message = new IncomingMessage(null as unknown as Socket)
        ;(message as unknown as { _addHeaderLines(headers: string[], count: number): void })._addHeaderLines(
          raw,
          raw.length,
        )
        assert.deepEqual({ ...joinHeaders(raw) }, { ...message.headers })
      }),
    )
  })

  it('of a call are such that HTTP can carry them, or refused', () => {
    const any = fc.oneof(text, fc.constantFrom(...names))
    fc.assert(
      fc.property(fc.array(fc.tuple(any, fc.oneof(value, text))), (pairs) => {
        const raw = taken(() => RequestHeaders.from(pairs).fields, 'SLEUTH_ARGUMENT')
        if (raw === undefined) return
        assert.deepEqual(withoutInvalid(raw), raw)
      }),
    )
  })

  it('of an answer refuse a call only by its own handle', () => {
    const why = fc.constantFrom('draining', 'overloaded', 'closed', '__proto__')
    fc.assert(
      fc.property(why, text, text, (reason, handle, own) => {
        const refusal = rejectionIn(503, ['x-sleuth-error', reason, 'X-SLEUTH-HANDLE', handle], own)
        const refuses = handle === own && (reason === 'draining' || reason === 'overloaded')
        assert.equal(refusal, refuses ? reason : undefined)
      }),
    )
  })
})

describe('what a peer announces', () => {
  it('is an instance, none, or refused with a code', () => {
    const key = fc.constantFrom('group', 'node', 'type', 'version', 'sleuth-name', 'sleuth-wire', '__proto__')
    const said = fc.oneof(text, fc.constantFrom('SLEUTH-v1', '2', '3', '0x2', '1e400', '-1', 'NaN', ' 2 '))
    fc.assert(
      fc.property(fc.array(fc.tuple(key, said), { maxLength: 12 }), (pairs) => {
        const headers = new Map(pairs)
        const peer: Peer = {
          id: 'A',
          name: 'a',
          endpoint: 'tcp://10.0.0.2:1',
          announced: 'tcp://10.0.0.2:1',
          address: '10.0.0.2',
          verified: true,
          connections: 'both',
          headers,
          groups: new Set(),
        }
        const read = taken(() => readAnnouncement(peer, { group: 'SLEUTH-v1', wire: 2 }), 'SLEUTH_ADD')
        if (read === undefined) return
        assert.equal(headers.get('group'), 'SLEUTH-v1')
        assert.deepEqual([read.service, read.instance.id], [headers.get('type'), 'A'])
        assert.ok(read.instance.wire === 1 || read.instance.wire === 2)
      }),
      { numRuns: 2000 },
    )
  })
})

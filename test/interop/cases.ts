import assert from 'node:assert/strict'
import type { SleuthPeer } from '@sleuth/core'
import { type Caller, type CallerName, isTimeout, type Reply } from './caller.js'

/** What a case is put to. */
interface Pairing {
  caller: Caller
  /** The name of the service that it calls. */
  service: string
  /** Adds a remark to the table. */
  note(text: string): void
}

export interface Case {
  name: string
  run(pairing: Pairing): Promise<void>
  /** Who makes the calls; default: all of them. */
  callers?: readonly CallerName[]
}

/** A request as the service saw it: the answer of its route `/echo`. */
interface Echo {
  method: string
  url: string
  headers: Record<string, string[]>
  body: string
  /** Who called, as a service in Node learns it. */
  peer?: SleuthPeer
}

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, at) => at))
const mebibyte = 1024 * 1024
const withoutBody = [204, 304]
const statuses = [200, 201, 202, 301, 302, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503, ...withoutBody]

export const cases: Case[] = [
  {
    name: 'GET with path and query',
    async run({ caller, service }) {
      const echo = await echoOf(caller.call('GET', `sleuth://${service}/echo?q=a%20b&x=%2F&x=2`))
      assert.equal(echo.method, 'GET')
      assert.equal(echo.url, '/echo?q=a%20b&x=%2F&x=2')
    },
  },
  {
    name: 'POST of JSON, PUT, PATCH, DELETE, OPTIONS',
    async run({ caller, service }) {
      const json = Buffer.from(JSON.stringify({ title: 'ünïcode <&> \u2028', n: 1 }))
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const sent = { headers: [['Content-Type', 'application/json']] as [string, string][], body: json }
        const echo = await echoOf(caller.call(method, `sleuth://${service}/echo`, sent))
        assert.equal(echo.method, method)
        assert.deepEqual(echo.headers['content-type'], ['application/json'])
        assert.equal(Buffer.from(echo.body, 'base64').toString(), json.toString())
      }
    },
  },
  {
    name: 'request headers, one with two values',
    async run({ caller, service }) {
      const headers: [string, string][] = [
        ['X-Several', 'one'],
        ['X-Several', 'two'],
        ['Authorization', 'Bearer abc'],
      ]
      const echo = await echoOf(caller.call('GET', `sleuth://${service}/echo`, { headers }))
      // `fetch`'s Headers join the values of one name.
      assert.equal(echo.headers['x-several']?.join(', '), 'one, two')
      assert.deepEqual(echo.headers.authorization, ['Bearer abc'])
    },
  },
  {
    name: 'framing headers that a handler relies on',
    callers: ['Go'],
    async run({ caller, service }) {
      const echo = await echoOf(caller.call('POST', `sleuth://${service}/echo`, { body: everyByte }))
      assert.deepEqual(echo.headers['content-length'], ['256'])
      assert.deepEqual(echo.headers.host, [service])
    },
  },
  {
    name: 'nothing of a connection, nor a host of its own; who calls is known',
    async run({ caller, service }) {
      const headers: [string, string][] = [
        ['Host', 'example.test'],
        ['Connection', 'X-Named'],
        ['X-Named', '1'],
        ['Keep-Alive', 'timeout=5'],
        ['X-A', '1'],
      ]
      const { headers: got, peer } = await echoOf(caller.call('GET', `sleuth://${service}/echo`, { headers }))
      assert.deepEqual(got['x-a'], ['1'])
      for (const name of ['connection', 'x-named', 'keep-alive']) assert.equal(got[name], undefined, name)
      // A service in Go learns neither.
      assert.deepEqual(got.host, service === 'go' ? undefined : [service])
      if (service === 'go') return
      assert.match(peer?.id ?? '', /^[0-9A-F]{32}$/)
      assert.equal(peer?.name, peer?.id.slice(0, 6))
      assert.match(peer?.address ?? '', /^\d+\.\d+\.\d+\.\d+$/)
      assert.deepEqual([peer?.service, peer?.publicKey], [undefined, undefined])
    },
  },
  {
    name: 'binary body both ways',
    async run({ caller, service }) {
      const headers: [string, string][] = [['Content-Type', 'application/octet-stream']]
      const reply = await caller.call('POST', `sleuth://${service}/bytes`, { headers, body: everyByte })
      assert.equal(reply.status, 200)
      assert.ok(reply.body.equals(everyByte))
    },
  },
  {
    name: 'reply headers with two values, set-cookie',
    async run({ caller, service }) {
      const { headers } = await caller.call('GET', `sleuth://${service}/headers`)
      const cookies = ['a=1; Path=/', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT']
      assert.deepEqual(headers['set-cookie'], cookies)
      assert.equal(headers['x-multi']?.join(', '), 'one, two')
    },
  },
  {
    name: `${statuses.length} statuses, redirects handed back`,
    async run({ caller, service }) {
      for (const status of statuses) {
        const reply = await caller.call('GET', `sleuth://${service}/status/${status}`)
        assert.equal(reply.status, status)
        assert.deepEqual(reply.headers.location, ['/elsewhere'])
        assert.equal(reply.body.toString(), withoutBody.includes(status) ? '' : `status ${status}`)
      }
    },
  },
  {
    name: "a status that isn't HTTP's (799)",
    callers: ['Node request'],
    async run({ caller, service }) {
      assert.equal((await caller.call('GET', `sleuth://${service}/status/799`)).status, 799)
    },
  },
  {
    name: 'HEAD',
    async run({ caller, service }) {
      const reply = await caller.call('HEAD', `sleuth://${service}/head`)
      assert.equal(reply.status, 200)
      assert.deepEqual(reply.headers['x-length'], ['1234'])
      assert.equal(reply.body.length, 0)
    },
  },
  {
    name: 'an empty reply',
    async run({ caller, service }) {
      const reply = await caller.call('GET', `sleuth://${service}/empty`)
      assert.equal(reply.status, 200)
      assert.equal(reply.body.length, 0)
    },
  },
  {
    name: '404 of the router',
    async run({ caller, service }) {
      const reply = await caller.call('GET', `sleuth://${service}/no/such/route`)
      assert.equal(reply.status, 404)
    },
  },
  {
    name: 'a reply of 1 MiB',
    async run({ caller, service }) {
      const reply = await caller.call('GET', `sleuth://${service}/large?bytes=${mebibyte}`)
      assert.ok(reply.body.equals(Buffer.alloc(mebibyte, '0123456789abcdef')))
    },
  },
  {
    name: '1 MiB there and back',
    async run({ caller, service }) {
      const body = Buffer.alloc(mebibyte, everyByte)
      const headers: [string, string][] = [['Content-Type', 'application/octet-stream']]
      const reply = await caller.call('POST', `sleuth://${service}/bytes`, { headers, body })
      assert.ok(reply.body.equals(body))
    },
  },
  {
    name: '64 calls at once',
    async run({ caller, service, note }) {
      const before = caller.repeated
      const urls = Array.from({ length: 64 }, (_, at) => `/echo?call=${at}`)
      const replies = await Promise.all(urls.map((url) => caller.call('GET', `sleuth://${service}${url}`)))
      assert.deepEqual(
        replies.map((reply) => parse(reply).url),
        urls,
      )
      const repeated = caller.repeated - before
      if (repeated > 0) note(`${service}: ${repeated} repeated, whose answers Go's client missed`)
    },
  },
  {
    name: 'a slow answer within the time limit',
    async run({ caller, service }) {
      const reply = await caller.call('GET', `sleuth://${service}/slow?ms=300`)
      assert.equal(reply.body.toString(), 'slow')
    },
  },
  {
    name: 'a handler that never answers: 920',
    async run({ caller, service }) {
      await assert.rejects(caller.callOnce('GET', `sleuth://${service}/silent`), isTimeout)
    },
  },
  {
    name: 'an unknown service: 919',
    async run({ caller }) {
      await assert.rejects(caller.call('GET', 'sleuth://nobody/'), { codes: [919] })
    },
  },
]

async function echoOf(call: Promise<Reply>): Promise<Echo> {
  const reply = await call
  assert.equal(reply.status, 200)
  return parse(reply)
}

function parse(reply: Reply): Echo {
  return JSON.parse(reply.body.toString())
}

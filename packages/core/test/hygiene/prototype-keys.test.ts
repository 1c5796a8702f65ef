import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { FakeNetwork } from '../fake-network.js'
import { join, mirror, pair, settle } from '../harness.js'
import { attacked, deceived, wires } from './peers.js'

const keys = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf'] as const
const pristine = Object.getOwnPropertyNames(Object.prototype).sort()

afterEach(() => {
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), pristine)
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
})

const fields = keys.flatMap((key) => [key, `a ${key}`])

for (const wire of wires) {
  describe(`keys of a prototype on wire ${wire}`, () => {
    it('are names of headers like any other, in requests', async () => {
      const { seen, send } = await attacked(wire)
      assert.equal(await send({ headers: [...fields, ...fields] }), 200)
      const got = (seen[0]?.rawHeaders ?? []).map((text) => text.toLowerCase())
      for (const key of keys)
        assert.equal(got.filter((text) => text === key.toLowerCase()).length, 2, `${key} in ${got}`)
      const headers = seen[0]?.headers ?? {}
      assert.equal(headers.constructor, 'a constructor, a constructor')
      assert.equal(headers.tostring, 'a toString, a toString')
    })

    it('are names of headers like any other, in replies', async () => {
      const { sleuth } = await deceived(wire, () => ({ headers: fields }))
      const { headers } = await sleuth.request('sleuth://foo/')
      const named = keys.map((key): [string, string] => [key.toLowerCase(), `a ${key}`])
      assert.deepEqual(Object.entries(headers).sort(), named.sort())
      assert.equal(Object.getPrototypeOf(headers), Object.prototype)
      const response = await sleuth.do('sleuth://foo/')
      assert.deepEqual([...response.headers].sort(), named.sort())
    })

    it('are names of headers like any other, in what our callers give', async () => {
      const { sleuth, asked } = await deceived(wire, () => ({}))
      const headers = JSON.parse(`{${keys.map((key) => `"${key}":"1"`)}}`)
      await sleuth.request('sleuth://foo/', { headers })
      await sleuth.do('sleuth://foo/', { headers })
      for (const { headers: sent } of asked) {
        const names = sent.filter((_, place) => place % 2 === 0).map((name) => name.toLowerCase())
        assert.deepEqual(names, [...keys.map((key) => key.toLowerCase()), 'accept', 'user-agent'])
      }
    })

    it('are names of services like any other', async () => {
      const network = new FakeNetwork()
      const { sleuth } = await join(network, { wire })
      await assert.rejects(sleuth.request('sleuth://constructor/'), { code: 'SLEUTH_UNKNOWN_SERVICE' })
      await assert.rejects(sleuth.request('sleuth://__proto__/'), { code: 'SLEUTH_UNKNOWN_SERVICE' })
      for (const service of keys) await join(network, { service, handler: (_req, res) => res.end(service) })
      await sleuth.waitFor(keys)
      for (const service of keys)
        assert.equal(String((await sleuth.request(`sleuth://${service}/`)).body), service)
      assert.deepEqual(
        sleuth.services().map(({ service }) => service),
        [...keys],
      )
    })

    it('are groups like any other', async () => {
      for (const group of keys) {
        const { sleuth } = await pair(mirror, { group })
        assert.deepEqual(sleuth.services(), [])
        const network = new FakeNetwork()
        await join(network, { group, service: 'foo', handler: (_req, res) => res.end('in it') })
        const inside = await join(network, { group, wire })
        assert.equal(String((await inside.sleuth.request('sleuth://foo/')).body), 'in it')
      }
    })

    it('are queries and bodies like any other', async () => {
      const { sleuth } = await pair(mirror, { wire })
      const url = '/?__proto__[polluted]=1&constructor[prototype][polluted]=1&__proto__=2'
      const body = '{"__proto__":{"polluted":1}}'
      const answer = await sleuth.request(`sleuth://foo${url}`, { method: 'POST', body })
      const seen = JSON.parse(String(answer.body))
      assert.deepEqual([seen.url, seen.body], [url, body])
    })
  })
}

describe('keys of a prototype in what wire 1 carries', () => {
  const proto =
    '"__proto__":{"polluted":1,"method":"POST","url":"/x","code":500},"constructor":{"polluted":1}'

  it('are no fields of a request', async () => {
    const { server, network } = await pair(mirror)
    const peer = network.add()
    const says = [
      `{${proto},"destination":"${peer.id}","handle":"1"}`,
      `{"destination":"${peer.id}","handle":"2","header":{${keys.map((key) => `"${key}":["1"]`)}}}`,
      `{"destination":"${peer.id}","handle":"3","header":{"__proto__":{"polluted":["1"]}}}`,
    ]
    for (const json of says) {
      const zipped = gzipSync(json)
      peer.whisper(server.node.id, Buffer.concat([Buffer.from('SLEUTH-v1REPL'), zipped]))
    }
    await settle()
    const { requests, dropped } = server.sleuth.stats()
    assert.deepEqual([requests, dropped], [2, { SLEUTH_REQUEST_JSON: 1 }])
  })

  it('are no fields of HELLO', async () => {
    const network = new FakeNetwork()
    const { sleuth, problems } = await join(network)
    const announced = { group: 'SLEUTH-v1', node: 'N', type: 'foo' }
    const headers = JSON.parse(`{${proto.replace(/\{.*?\}/g, '"1"')}}`)
    network.add({ headers: { ...headers, ...announced } })
    network.add({ headers: JSON.parse('{"__proto__":"foo","constructor":"SLEUTH-v1"}') })
    assert.equal(sleuth.services()[0]?.instances.length, 1)
    assert.deepEqual(
      problems().map(({ fields }) => fields.code),
      [],
    )
  })
})

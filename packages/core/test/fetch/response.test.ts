import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { pair } from '../harness.js'

const text = '{"a":"ä"}'
const type = { 'content-type': 'application/json' }

const whole: RequestListener = (_, res) => res.writeHead(201, type).end(text)

const streamed: RequestListener = async (_, res) => {
  res.writeHead(201, type)
  for (const byte of Buffer.from(text)) {
    res.write(Buffer.of(byte))
    await new Promise(setImmediate)
  }
  res.end()
}

const getter = (name: string) =>
  Object.getOwnPropertyDescriptor(Response.prototype, name)?.get as () => unknown

for (const [how, handler] of [
  ['whole', whole],
  ['in pieces', streamed],
] as const) {
  describe(`a Response whose body comes ${how}`, () => {
    const answer = async () => {
      const { sleuth } = await pair(handler)
      return sleuth.fetch('sleuth://foo/')
    }

    it('gives what is its own to the methods of Response.prototype', async () => {
      const { prototype } = Response
      assert.equal(await prototype.text.call(await answer()), text)
      assert.deepEqual(await prototype.json.call(await answer()), { a: 'ä' })
      assert.equal(Buffer.from(await prototype.arrayBuffer.call(await answer())).toString(), text)
      const blob = await prototype.blob.call(await answer())
      assert.deepEqual([await blob.text(), blob.type], [text, 'application/json'])
      const response = await answer()
      const copy = prototype.clone.call(response)
      assert.deepEqual([copy.status, copy.headers.get('content-type')], [201, 'application/json'])
      assert.deepEqual([await copy.text(), await response.text()], [text, text])
      assert.deepEqual(
        ['status', 'statusText', 'ok', 'bodyUsed'].map((name) => getter(name).call(response)),
        [201, 'Created', true, true],
      )
    })

    it('gives its bytes, as Responses of newer versions of Node do', async () => {
      const bytes = await ((await answer()) as Response & { bytes(): Promise<Uint8Array> }).bytes()
      assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype)
      assert.equal(new TextDecoder().decode(bytes), text)
    })

    it('is read once, whoever reads it', async () => {
      const response = await answer()
      await response.text()
      await assert.rejects(Response.prototype.text.call(response), TypeError)
      assert.equal(getter('bodyUsed').call(response), true)
      const other = await answer()
      await Response.prototype.text.call(other)
      assert.equal(other.bodyUsed, true)
      await assert.rejects(other.json(), TypeError)
      assert.throws(() => other.clone(), TypeError)
    })

    it('can be made a Response of Node, and a stream of Node', async () => {
      const response = await answer()
      const other = new Response(response.body, response)
      assert.deepEqual([other.status, other.headers.get('content-type')], [201, 'application/json'])
      assert.equal(await other.text(), text)
      const readable = Readable.fromWeb((await answer()).body as never)
      assert.equal(Buffer.concat(await readable.toArray()).toString(), text)
    })

    it('has readers that bring their own buffer', async () => {
      const response = await answer()
      const reader = response.body?.getReader({ mode: 'byob' })
      const read: number[] = []
      for (let buffer = new ArrayBuffer(4); ; ) {
        const { done, value } = (await reader?.read(new Uint8Array(buffer))) ?? { done: true }
        if (done) break
        read.push(...value)
        buffer = value.buffer
      }
      assert.equal(Buffer.from(read).toString(), text)
      assert.equal(response.bodyUsed, true)
    })

    it('has a stream that is the same each time, and may be left and read otherwise', async () => {
      const response = await answer()
      assert.equal(response.body, response.body)
      assert.equal(response.bodyUsed, false)
      assert.equal(await response.text(), text)
      const locked = await answer()
      const reader = locked.body?.getReader()
      await assert.rejects(locked.text(), TypeError)
      reader?.releaseLock()
      assert.equal(await locked.text(), text)
    })

    it('keeps what is set in its headers on clones', async () => {
      const response = await answer()
      response.headers.set('x-a', '1')
      const copy = response.clone()
      copy.headers.set('x-b', '2')
      assert.deepEqual([copy.headers.get('x-a'), response.headers.get('x-b')], ['1', null])
      assert.equal(getter('headers').call(response), response.headers)
      assert.equal(await response.text(), await copy.text())
    })

    it('can be teed, again and again', async () => {
      const response = await answer()
      const copies = [response.clone(), Response.prototype.clone.call(response), response.clone()]
      for (const each of [...copies, response]) assert.equal(await each.text(), text)
    })
  })
}

it('a form is read by its type', async () => {
  const { sleuth } = await pair((_, res) =>
    res.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded' }).end('a=1&b=2'),
  )
  const form = await (await sleuth.fetch('sleuth://foo/')).formData()
  assert.deepEqual([...form], [...new URLSearchParams('a=1&b=2')])
  const other = await Response.prototype.formData.call(await sleuth.fetch('sleuth://foo/'))
  assert.equal(other.get('b'), '2')
})

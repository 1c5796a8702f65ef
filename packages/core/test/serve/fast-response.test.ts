import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { installFastResponse } from '#src/serve/fast-response.js'

const Original = globalThis.Response

describe('a fast Response', () => {
  before(installFastResponse)
  after(() => {
    globalThis.Response = Original
  })

  it('has a body that Node’s own functions take for a stream', async () => {
    const streamOf = () => new Response('text').body as ReadableStream
    assert.equal(await text(Readable.fromWeb(streamOf() as never)), 'text')
    const sent = streamOf()
    assert.equal(await new Original(structuredClone(sent, { transfer: [sent] } as never)).text(), 'text')
    assert.equal(await new Response(streamOf()).text(), 'text')
    assert.equal(new Response(null).body, null)
    const stream = new ReadableStream()
    assert.equal(new Response(stream).body, stream)
  })

  it('has the same body as often as it is asked for, also after a clone', async () => {
    const response = new Response('text')
    assert.equal(response.body, response.body)
    const clone = response.clone()
    assert.notEqual(response.body, clone.body)
    assert.equal(await text(Readable.fromWeb(response.body as never)), 'text')
    assert.equal(response.bodyUsed, true)
    assert.equal(await clone.text(), 'text')
  })

  it('leaves a subclass its own instanceof, and is what fetch gives', () => {
    class Mine extends Response {}
    assert.equal(new Response() instanceof Mine, false)
    assert.equal(new Mine() instanceof Mine, true)
    assert.equal(new Mine() instanceof Response, true)
    assert.equal(new Original() instanceof Response, true)
    assert.equal({} instanceof Response, false)
  })

  it('has the name of Response, by which some libraries tell it', () => {
    assert.equal(new Response('text').constructor.name, 'Response')
    assert.equal(new Response('text').constructor, Response)
  })
})

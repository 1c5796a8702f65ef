import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { openSource } from '#src/client/body-source.js'

const chunks = ['one', 'two', 'three', 'four'].map((text) => Buffer.from(text))

async function all(stream: Readable): Promise<Buffer[]> {
  const source = openSource(stream)
  const read: Buffer[] = []
  for (let bytes = await source.next(); bytes !== undefined; bytes = await source.next()) {
    read.push(bytes as Buffer)
    // Everything that the stream has comes before it is asked for the next.
    await setImmediate()
  }
  return read
}

describe('a stream of Node as a body', () => {
  it('gives each chunk as it was written, without a copy, however many wait', async () => {
    const stream = new PassThrough()
    for (const chunk of chunks) stream.write(chunk)
    stream.end()

    const read = await all(stream)

    assert.equal(read.length, chunks.length)
    for (const [i, chunk] of chunks.entries()) assert.equal(read[i], chunk)
  })

  it('is read no faster than it is asked for: what is written waits in it', async () => {
    const stream = new PassThrough({ highWaterMark: 8 })
    const source = openSource(stream)
    let written = 0
    const write = () => {
      while (written < 100 && stream.write(Buffer.alloc(8))) written++
    }
    stream.on('drain', write)
    write()

    await source.next()
    for (let turns = 0; turns < 20; turns++) await setImmediate()

    assert.ok(written < 10, `${written} chunks were taken`)
  })

  it('that has ended has no more, as often as it is asked', async () => {
    const stream = Readable.from([])
    await all(stream)
    const source = openSource(stream)

    assert.equal(await source.next(), undefined)
    assert.equal(await source.next(), undefined)
  })

  it('rejects with the error of the stream, before, while and after it waits', async () => {
    for (const when of ['before', 'while', 'after'] as const) {
      const stream = new PassThrough()
      const source = openSource(stream)
      const error = new Error(when)
      if (when === 'before') stream.destroy(error)
      const next = source.next()
      if (when === 'while') stream.destroy(error)
      if (when === 'after') {
        stream.write('some')
        assert.equal(String(await next), 'some')
        stream.destroy(error)
        await setImmediate()
        await assert.rejects(source.next(), error)
      } else await assert.rejects(next, error)
    }
  })

  it('rejects when it is closed before its end', async () => {
    const stream = new PassThrough()
    const next = openSource(stream).next()
    stream.destroy()

    await assert.rejects(next, { code: 'ERR_STREAM_PREMATURE_CLOSE' })
  })

  it('is destroyed when it is cancelled, also while it is waited for', async () => {
    const stream = new PassThrough()
    const source = openSource(stream)
    const next = source.next()
    source.cancel()

    await assert.rejects(next, { code: 'ERR_STREAM_PREMATURE_CLOSE' })
    assert.equal(stream.destroyed, true)
  })

  it('to which somebody listens by `readable` is read by its iterator', async () => {
    const stream = new PassThrough()
    stream.on('readable', () => {})
    stream.end('hello')

    assert.equal(Buffer.concat(await all(stream)).toString(), 'hello')
  })
})

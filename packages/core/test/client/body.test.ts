import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { isStreamed, type ReadBody, readBody } from '#src/client/body.js'
import { bodyError } from '#src/client/errors.js'
import { SleuthError } from '#src/shared/errors.js'
import { readWhole } from '#src/transport/go/whole-body.js'
import type { BodyInput } from '#src/types.js'

async function read(body: BodyInput, limit = 1334, stop = new AbortController().signal): Promise<ReadBody> {
  const given = readBody(body)
  if (!isStreamed(given)) return given
  try {
    return { bytes: await readWhole(given.open, limit, stop), type: given.type }
  } catch (error) {
    throw bodyError(error)
  }
}

const hello = Buffer.from('hello')

async function* generate(...chunks: (string | Buffer)[]): AsyncGenerator<string | Buffer> {
  yield* chunks
}

const form = 'application/x-www-form-urlencoded;charset=UTF-8'

describe('readBody', () => {
  const bodies: [what: string, body: () => BodyInput, type?: string | undefined][] = [
    ['a string', () => 'hello', 'text/plain;charset=UTF-8'],
    ['a Buffer', () => hello],
    ['a part of a Uint8Array', () => new TextEncoder().encode('..hello..').subarray(2, 7)],
    ['an ArrayBuffer', () => new TextEncoder().encode('hello').buffer],
    ['a DataView', () => new DataView(new TextEncoder().encode('..hello').buffer, 2)],
    ['a Blob', () => new Blob(['hel', 'lo'])],
    ['a Blob with a type', () => new Blob(['hello'], { type: 'text/x' }), 'text/x'],
    ['a ReadableStream', () => new Response('hello').body],
    ['a Node stream', () => Readable.from([Buffer.from('hel'), Buffer.from('lo')])],
    ['a Node stream of text', () => Readable.from(['hel', 'lo'])],
    ['an async iterable', () => generate(Buffer.from('hel'), 'lo')],
    ['an iterable', () => [Buffer.from('hel'), Buffer.from('lo')]],
  ]
  for (const [what, body, type] of bodies) {
    it(`takes ${what}`, async () => {
      const whole = await read(body())
      assert.equal(Buffer.from(whole.bytes).toString(), 'hello')
      assert.equal(whole.type, type)
    })
  }

  it('gives what fetch would give for every body that fetch takes', async () => {
    const data = () => {
      const data = new FormData()
      data.append('a', '1')
      data.append('file', new Blob(['content'], { type: 'text/x' }), 'name.txt')
      return data
    }
    const makers: (() => RequestInit['body'])[] = [
      () => null,
      () => 'é€',
      () => new URLSearchParams({ a: '1 2', b: 'é' }),
      () => new Uint16Array([1, 2, 3]),
      () => new Blob(['x'], { type: 'a/b' }),
      data,
    ]
    for (const make of makers) {
      const response = new Request('http://x/', { method: 'POST', body: make() ?? null })
      const whole = await read(make() as BodyInput)
      const boundary = /-{4}formdata-[-\w]+/g
      const wanted = Buffer.from(await response.arrayBuffer())
        .toString()
        .replace(boundary, 'B')
      assert.equal(Buffer.from(whole.bytes).toString().replace(boundary, 'B'), wanted)
      assert.equal(
        whole.type?.replace(boundary, 'B') ?? null,
        response.headers.get('content-type')?.replace(boundary, 'B') ?? null,
      )
    }
  })

  it('takes a form of objects that are Blobs of another library: without a name, a type or a size', async () => {
    const bytes = new TextEncoder().encode('content')
    const foreign = {
      [Symbol.toStringTag]: 'Blob',
      type: '',
      arrayBuffer: async () => bytes.buffer,
      text: async () => 'content',
    }
    const data = {
      [Symbol.toStringTag]: 'FormData',
      *[Symbol.iterator]() {
        yield ['a', 'one\ntwo']
        yield ['"f"', foreign]
      },
      append() {},
      delete() {},
      get() {},
      getAll() {},
      has() {},
      set() {},
    }
    const whole = await read(data as unknown as BodyInput)
    const text = Buffer.from(whole.bytes)
      .toString()
      .replace(/-{4}formdata-sleuth-[0-9a-f-]{36}/g, 'B')
    assert.equal(
      text,
      '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\ntwo\r\n' +
        '--B\r\nContent-Disposition: form-data; name="%22f%22"\r\nContent-Type: application/octet-stream\r\n\r\ncontent\r\n' +
        '--B--\r\n',
    )
  })

  it('takes none for empty', async () => {
    for (const body of [undefined, null]) assert.deepEqual(await read(body), { bytes: Buffer.alloc(0) })
    assert.equal((await read(new URLSearchParams())).type, form)
    assert.equal((await read(Readable.from([]))).bytes.length, 0)
  })

  for (const body of [5, true, { a: 1 }, () => {}, Symbol('x')]) {
    it(`refuses ${String(body)}, with a word on JSON`, () => {
      assert.throws(
        () => readBody(body as never),
        (error) =>
          error instanceof SleuthError &&
          error.code === 'SLEUTH_ARGUMENT' &&
          /JSON\.stringify/.test(error.message),
      )
    })
  }

  it('refuses chunks that are neither bytes nor text', async () => {
    await assert.rejects(read([1, 2, 3] as never), { code: 'SLEUTH_ARGUMENT' })
    await assert.rejects(read(Readable.from([{ a: 1 }])), { code: 'SLEUTH_ARGUMENT' })
  })

  it('holds the limit, which is that of the base64 that it becomes: at it, and one byte beyond', async () => {
    assert.equal((await read(generate('x'.repeat(999), 'x'))).bytes.length, 1000)
    const left = generate('x'.repeat(999), 'xx', 'never read')
    await assert.rejects(read(left), { code: 'SLEUTH_TOO_LARGE', codes: [1007, 934] })
    assert.deepEqual(await left.next(), { done: true, value: undefined })
  })

  it('stops the source when the limit is passed', async () => {
    let cancelled = false
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(600)),
      cancel: () => {
        cancelled = true
      },
    })
    await assert.rejects(read(stream as BodyInput), { code: 'SLEUTH_TOO_LARGE' })
    assert.ok(cancelled)
    const readable = Readable.from(['x'.repeat(1001), 'more'])
    await assert.rejects(read(readable), { code: 'SLEUTH_TOO_LARGE' })
    assert.ok(readable.destroyed)
  })

  it('gives 925 for a stream that fails, with the reason as cause', async () => {
    const cause = new Error('the disk is gone')
    const failing = new PassThrough()
    failing.destroy(cause)
    const rejected = { code: 'SLEUTH_REQUEST_MARSHAL', codes: [925, 934], cause }
    await assert.rejects(read(failing), rejected)
    const stream = new ReadableStream({ start: (controller) => controller.error(cause) })
    await assert.rejects(read(stream as BodyInput), rejected)
  })

  it('gives 925 for a stream that is being read elsewhere', async () => {
    const stream = new Response('hello').body
    stream?.getReader()
    await assert.rejects(read(stream as BodyInput), { code: 'SLEUTH_REQUEST_MARSHAL' })
  })

  it('lets go of a source that gives nothing when it is told to stop', async () => {
    const stop = new AbortController()
    let cancelled = false
    const stream = new ReadableStream({
      cancel: () => {
        cancelled = true
      },
    })
    const readable = new PassThrough()
    const reading = [read(stream as BodyInput, 1334, stop.signal), read(readable, 1334, stop.signal)]
    stop.abort()
    await Promise.allSettled(reading)
    assert.ok(cancelled)
    assert.ok(readable.destroyed)
  })
})

import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import zlib from 'node:zlib'
import { decoderFor } from '#src/client/content-decoding.js'
import type { ByteSource } from '#src/shared/byte-stream.js'
import { pair } from '../harness.js'

const text = JSON.stringify({ hello: 'wörld '.repeat(5000) })

const zstd = (zlib as { zstdCompressSync?: (bytes: string | Buffer) => Buffer }).zstdCompressSync

const codings: [coding: string, encode: (bytes: Buffer) => Buffer][] = [
  ['gzip', zlib.gzipSync],
  ['x-gzip', zlib.gzipSync],
  ['GZip', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['br', zlib.brotliCompressSync],
  ['gzip, br', (bytes) => zlib.brotliCompressSync(zlib.gzipSync(bytes))],
  ['deflate ,\tgzip', (bytes) => zlib.gzipSync(zlib.deflateRawSync(bytes))],
  ...(zstd === undefined ? [] : [['zstd', zstd] as [string, (bytes: Buffer) => Buffer]]),
]

/** Answers at once, or piece by piece. */
function answering(
  bytes: Buffer,
  headers: Record<string, string | string[]>,
  pieces: boolean,
): RequestListener {
  return async (_, res) => {
    res.writeHead(200, headers)
    for (let at = 0; pieces && at < bytes.length; at += 100) {
      res.write(bytes.subarray(at, at + 100))
      if (at % 1000 === 0) await new Promise(setImmediate)
    }
    res.end(pieces ? undefined : bytes)
  }
}

for (const wire of [1, 2] as const) {
  for (const pieces of [false, true]) {
    describe(`a coded body ${pieces ? 'in pieces ' : ''}on wire ${wire}`, () => {
      for (const [coding, encode] of codings) {
        it(`is undone, and its headers stay: ${coding}`, async () => {
          const bytes = encode(Buffer.from(text))
          const headers = { 'content-encoding': coding, 'content-length': String(bytes.length) }
          const { sleuth } = await pair(answering(bytes, headers, pieces), { wire })
          for (const call of [sleuth.do, sleuth.fetch]) {
            const response = await call('sleuth://foo/')
            const copy = response.clone()
            assert.equal(response.headers.get('content-encoding'), coding)
            assert.equal(response.headers.get('content-length'), String(bytes.length))
            assert.equal(await response.text(), text)
            assert.deepEqual(await copy.json(), JSON.parse(text))
            let read = ''
            const decoder = new TextDecoder()
            for await (const chunk of (await call('sleuth://foo/'))
              .body as never as AsyncIterable<Uint8Array>)
              read += decoder.decode(chunk, { stream: true })
            assert.equal(read, text)
          }
        })
      }

      it('is left alone where it is asked for so, and by request', async () => {
        const bytes = zlib.gzipSync(text)
        const { sleuth } = await pair(answering(bytes, { 'content-encoding': 'gzip' }, pieces), { wire })
        const own = { decompress: false }
        const calls = [sleuth.do('sleuth://foo/', own), sleuth.fetch('sleuth://foo/', { sleuth: own })]
        for (const call of calls) assert.deepEqual(Buffer.from(await (await call).arrayBuffer()), bytes)
        assert.deepEqual((await sleuth.request('sleuth://foo/')).body, bytes)
      })

      it('is left alone if one of its codings is unknown', async () => {
        const bytes = zlib.gzipSync(text)
        for (const coding of ['compress, gzip', 'identity', 'gzip,', 'gzip, , gzip']) {
          const { sleuth } = await pair(answering(bytes, { 'content-encoding': coding }, pieces), { wire })
          const response = await sleuth.fetch('sleuth://foo/')
          assert.deepEqual(Buffer.from(await response.arrayBuffer()), bytes)
        }
      })

      it('that is not what it says fails whoever reads it, as with fetch', async () => {
        for (const coding of ['gzip', 'br', 'deflate', 'gzip, gzip']) {
          const bytes = Buffer.from(`\x07not ${coding} at all, and then some`)
          const { sleuth } = await pair(answering(bytes, { 'content-encoding': coding }, pieces), { wire })
          const wanted = { name: 'TypeError', message: 'terminated' }
          await assert.rejects((await sleuth.fetch('sleuth://foo/')).text(), wanted, coding)
          const reader = (await sleuth.do('sleuth://foo/')).body?.getReader()
          await assert.rejects(async () => {
            while (!(await reader?.read())?.done);
          }, wanted)
          assert.equal((await sleuth.request('sleuth://foo/')).status, 200)
        }
      })

      it('that breaks off is given as far as it goes, as with fetch', async () => {
        const bytes = zlib.gzipSync(text).subarray(0, -20)
        const { sleuth } = await pair(answering(bytes, { 'content-encoding': 'gzip' }, pieces), { wire })
        assert.ok(text.startsWith((await (await sleuth.fetch('sleuth://foo/')).text()).slice(0, 100)))
      })

      it('of more than five codings is refused', async () => {
        const headers = { 'content-encoding': Array(6).fill('gzip').join() }
        const { sleuth } = await pair(answering(Buffer.from('x'), headers, pieces), { wire })
        const response = await sleuth.fetch('sleuth://foo/')
        await assert.rejects(response.text(), { name: 'TypeError' })
      })
    })
  }

  it(`is no body where there is none, on wire ${wire}`, async () => {
    const { sleuth } = await pair(
      (req, res) => res.writeHead(Number(req.url?.slice(1)), { 'content-encoding': 'gzip' }).end(),
      { wire },
    )
    for (const status of [204, 205, 304]) {
      const response = await sleuth.fetch(`sleuth://foo/${status}`)
      assert.deepEqual([response.status, response.body, await response.text()], [status, null, ''])
    }
    const head = await sleuth.fetch('sleuth://foo/200', { method: 'HEAD' })
    assert.deepEqual([head.body, await head.text()], [null, ''])
    assert.equal(await (await sleuth.fetch('sleuth://foo/200')).text(), '')
  })
}

describe('a body that unpacks to very much', () => {
  it('is unpacked no further than it is read', async () => {
    const piece = zlib.gzipSync(Buffer.alloc(1 << 24))
    let reads = 0
    let cancelled = false
    const source: ByteSource = {
      read: async () => {
        reads++
        return piece
      },
      cancel: () => {
        cancelled = true
      },
    }
    const decoded = decoderFor(['content-encoding', 'gzip'])?.(source) as ByteSource
    let size = 0
    for (let turn = 0; turn < 10; turn++) {
      size += (await decoded.read())?.length ?? 0
      await new Promise(setImmediate)
    }
    assert.ok(size > 0 && size <= 10 * 65_536)
    // Packed bytes may wait in the buffers of Node's streams.
    assert.ok(reads * piece.length <= 262_144, `${reads} pieces of 16 MiB were read for ${size} bytes`)
    decoded.cancel()
    assert.ok(cancelled)
    assert.equal(await decoded.read(), undefined)
  })

  it('is unpacked no further once the signal is aborted, though all of it has come', async () => {
    const bytes = zlib.gzipSync(Buffer.alloc(1 << 22))
    const { sleuth } = await pair(answering(bytes, { 'content-encoding': 'gzip' }, false))
    for (const call of [sleuth.do, sleuth.fetch]) {
      const controller = new AbortController()
      const response = await call('sleuth://foo/', { signal: controller.signal })
      const reader = response.body?.getReader()
      assert.equal((await reader?.read())?.done, false)
      controller.abort('enough')
      await assert.rejects(
        async () => {
          while (!(await reader?.read())?.done);
        },
        (reason) => reason === 'enough',
      )
      const other = await call('sleuth://foo/', { signal: AbortSignal.timeout(60_000) })
      assert.equal((await other.text()).length, 1 << 22)
    }
  })

  it('ends the call when nobody reads on', async () => {
    let closed: () => void
    const done = new Promise<void>((resolve) => {
      closed = resolve
    })
    const { sleuth } = await pair((_, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip' })
      const zip = zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH })
      zip.pipe(res)
      zip.write('x'.repeat(100_000))
      res.on('close', () => closed())
    })
    const response = await sleuth.fetch('sleuth://foo/')
    const reader = response.body?.getReader()
    assert.equal((await reader?.read())?.value?.[0], 'x'.charCodeAt(0))
    await reader?.cancel()
    await done
  })

  it('decodes a text of any size in turns, whatever its chunks cut in two', async () => {
    const large = `\ufeff${'aé€😀'.repeat(300_000)}`
    const { sleuth } = await pair((_, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip' }).end(zlib.gzipSync(large))
    })
    assert.ok((await (await sleuth.fetch('sleuth://foo/')).text()) === large.slice(1))
    const response = await sleuth.fetch('sleuth://foo/')
    const bytes = Buffer.from(await response.arrayBuffer())
    assert.ok(bytes.equals(Buffer.from(large)))
    assert.equal(response.constructor, Response)
  })

  it('gives the reason of an abort, not that of a fault in the data', async () => {
    const { sleuth } = await pair((_, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip' })
      res.write(zlib.gzipSync(text).subarray(0, 30))
    })
    const aborter = new AbortController()
    const response = await sleuth.fetch('sleuth://foo/', { signal: aborter.signal })
    const reading = response.text()
    await new Promise(setImmediate)
    aborter.abort(new Error('changed my mind'))
    await assert.rejects(reading, /changed my mind/)
  })
})

// Runs in a process of its own: it measures memory.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { SleuthError } from '#src/shared/errors.js'
import { gunzip, gzipStored } from '#src/transport/go/gzip.js'

const noLimit = 1 << 30

function codesOf(zipped: Buffer, limit = noLimit): number[] {
  try {
    gunzip(zipped, limit)
  } catch (error) {
    assert.ok(error instanceof SleuthError)
    return error.codes
  }
  assert.fail('was unzipped')
}

describe('gzip', () => {
  for (const size of [0, 1, 300, 65534, 65535, 65536, 131070, 131071, 1_000_000]) {
    it(`writes ${size} bytes as zlib reads them, and reads them back`, () => {
      const text = 'abcdefghij'.repeat(Math.ceil(size / 10)).slice(0, size)
      const whole = gzipStored('SLEUTH-v1REPL', text)
      assert.equal(whole.toString('latin1', 0, 13), 'SLEUTH-v1REPL')
      assert.equal(gunzipSync(whole.subarray(13)).toString(), text)
      assert.equal(gunzip(whole.subarray(13), noLimit).toString(), text)
    })
  }

  it('writes text that is not ASCII, at the seam of two blocks too', () => {
    const text = `${'x'.repeat(65534)}é€😀`
    const whole = gzipStored('gruppé', text)
    const start = Buffer.byteLength('gruppé')
    assert.equal(whole.toString('utf8', 0, start), 'gruppé')
    assert.equal(gunzipSync(whole.subarray(start)).toString(), text)
  })

  it('reads what is compressed, and several members', () => {
    assert.equal(gunzip(gzipSync('hello'), noLimit).toString(), 'hello')
    const members = Buffer.concat([gzipSync('hello '), gzipStored('', 'world')])
    assert.equal(gunzip(members, noLimit).toString(), 'hello world')
    const storedFirst = Buffer.concat([gzipStored('', 'hello '), gzipSync('world')])
    assert.equal(gunzip(storedFirst, noLimit).toString(), 'hello world')
  })

  it('TestZipUnzipBadInput: refuses what is not gzip with 932', () => {
    assert.deepEqual(codesOf(Buffer.from('a value that cannot be unzipped')), [932])
    assert.deepEqual(codesOf(Buffer.alloc(0)), [932])
    assert.deepEqual(codesOf(Buffer.from([0x1f, 0x8b])), [932])
  })

  it('refuses a broken one with 933, wherever it breaks', () => {
    for (const good of [gzipStored('', 'hello hello hello'), gzipSync('hello hello hello')]) {
      for (let end = 10; end < good.length; end++) assert.deepEqual(codesOf(good.subarray(0, end)), [933])
      for (let at = good.length - 8; at < good.length; at++) {
        const bad = Buffer.from(good)
        bad[at] = (bad[at] as number) ^ 1
        assert.deepEqual(codesOf(bad), [933])
      }
    }
  })

  it('holds the limit: at it, and one byte beyond', () => {
    for (const zip of [(text: string) => gzipStored('', text), (text: string) => gzipSync(text)]) {
      assert.equal(gunzip(zip('x'.repeat(5000)), 5000).length, 5000)
      assert.deepEqual(codesOf(zip('x'.repeat(5001)), 5000), [1007])
    }
  })

  it('refuses a bomb without making it', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const before = process.memoryUsage().rss
    assert.deepEqual(codesOf(bomb, 1024 * 1024), [1007])
    assert.ok(process.memoryUsage().rss - before < 32 * 1024 * 1024)
  })
})

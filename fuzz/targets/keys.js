import assert from 'node:assert/strict'
import { ZreError } from '../../packages/zre/dist/error.js'
import { parseKeys } from '../../packages/zre/dist/security/key-file.js'
import { isPublicKey } from '../../packages/zre/dist/wire/key.js'
import { encodeZ85 } from '../../packages/zre/dist/wire/z85.js'

const one = encodeZ85(Buffer.alloc(32, 9))
const other = encodeZ85(Buffer.alloc(32, 77))

/** A file of public keys. */
export default {
  seeds: () =>
    [
      `# ours\n${one} the first\r\n\n  ${other}\n`,
      `curve\n    public-key = "${one}"\n`,
      `${one}\n#${other}`,
    ].map((text) => Buffer.from(text)),

  run(bytes) {
    let keys
    try {
      keys = parseKeys(bytes.toString(), 'the file')
    } catch (error) {
      assert.ok(error instanceof ZreError, String(error))
      assert.equal(error.code, 'ZRE_ALLOW')
      return
    }
    assert.ok(keys.every(isPublicKey))
    assert.deepEqual(parseKeys(keys.join('\n'), 'again'), keys)
  },
}

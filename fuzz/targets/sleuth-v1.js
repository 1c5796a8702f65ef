import assert from 'node:assert/strict'
import { SleuthError } from '../../packages/core/dist/shared/errors.js'
import { openEnvelope } from '../../packages/core/dist/transport/go/envelope.js'
import { gunzip, gzipStored } from '../../packages/core/dist/transport/go/gzip.js'
import { decodeRequest } from '../../packages/core/dist/transport/go/request.js'
import { decodeResponse } from '../../packages/core/dist/transport/go/response.js'
import { whispers } from '../lib/vectors.js'

const GROUP = 'SLEUTH-v1'
const LIMIT = 64 * 1024

/** The content of a whisper of the first wire: envelope, gzip, and what is in it. */
export default {
  seeds: () => [
    ...whispers,
    gzipStored(`${GROUP}REPL`, '{"handle":"1","method":"GET","url":"/"}'),
    gzipStored(`${GROUP}RECV`, '{"handle":"1","code":200}'),
  ],
  words: [Buffer.from(`${GROUP}REPL`), Buffer.from(`${GROUP}RECV`), Buffer.from('1f8b08', 'hex')],

  run(bytes) {
    const opened = taken(() => openEnvelope(GROUP, bytes))
    if (opened === undefined) return
    const { zipped } = opened
    const unzipped = taken(() => gunzip(zipped, LIMIT))
    if (unzipped !== undefined) {
      assert.ok(unzipped.length <= LIMIT)
      const text = unzipped.toString('latin1')
      assert.equal(gunzip(gzipStored('', text), 2 * LIMIT).toString(), text)
    }
    const read = taken(() => (opened.action === 'REPL' ? decodeRequest : decodeResponse)(zipped, LIMIT))
    if (read !== undefined) assert.ok(read.body.length <= LIMIT)
  },
}

function taken(decode) {
  try {
    return decode()
  } catch (error) {
    assert.ok(error instanceof SleuthError, String(error?.stack))
    return undefined
  }
}

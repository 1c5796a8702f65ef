import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { SleuthError } from '#src/shared/errors.js'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { gunzip } from '#src/transport/go/gzip.js'
import { decodeResponse, encodeResponse } from '#src/transport/go/response.js'
import { goExchanges } from '../../vectors.js'

const group = 'SLEUTH-v1'
const limit = 1 << 20

const decode = (json: string) => decodeResponse(gzipSync(json), limit)

function codesOf(payload: Buffer): number[] {
  try {
    decodeResponse(payload, limit)
  } catch (error) {
    assert.ok(error instanceof SleuthError)
    return error.codes
  }
  assert.fail('was decoded')
}

describe("Go's recorded replies", () => {
  for (const { case: name, replies } of goExchanges) {
    for (const { frame1, json } of replies) {
      it(`${name}: are read from the bytes that Go sent, and written as Go writes them`, () => {
        const { action, zipped } = openEnvelope(group, Buffer.from(frame1, 'hex'))
        assert.equal(action, 'RECV')
        const reply = decodeResponse(zipped, limit)
        const wanted = JSON.parse(json)
        assert.equal(reply.code, wanted.code)
        assert.equal(reply.handle, wanted.handle)
        assert.equal(reply.body.toString('base64'), wanted.body ?? '')
        const written = openEnvelope(group, encodeResponse(group, reply))
        assert.deepEqual(JSON.parse(gunzip(written.zipped, limit).toString()), {
          ...wanted,
          body: wanted.body ?? '',
        })
      })
    }
  }
})

describe('decodeResponse', () => {
  it('TestResponseUnmarshalBadJSON: refuses bad JSON with 918', () => {
    assert.deepEqual(codesOf(gzipSync('{bad json}')), [918])
  })

  it('refuses bad gzip with [932, 917], and a broken one with [933, 917]', () => {
    assert.deepEqual(codesOf(Buffer.alloc(0)), [932, 917])
    assert.deepEqual(codesOf(gzipSync('{}').subarray(0, 12)), [933, 917])
  })

  for (const code of ['"200"', '200.5', '1e400', 'true', '[]', '{}']) {
    it(`refuses the code ${code}, as Go does`, () => {
      assert.deepEqual(codesOf(gzipSync(`{"code":${code},"handle":"1"}`)), [918])
    })
  }

  for (const code of [0, 100, 799, 1000, -1]) {
    it(`takes the code ${code}`, () => {
      assert.equal(decode(`{"code":${code}}`).code, code)
    })
  }

  it('takes what is missing as nothing, and keys in any case', () => {
    assert.deepEqual(decode('{}'), { handle: '', code: 0, headers: [], body: Buffer.alloc(0) })
    const reply = decode('{"BODY":"aGk=","Code":201,"hAndle":"x","HEADER":{"A":["1","2"]},"more":[1]}')
    assert.deepEqual(reply, {
      handle: 'x',
      code: 201,
      headers: ['A', '1', 'A', '2'],
      body: Buffer.from('hi'),
    })
  })

  it('holds prototype keys for names like any other', () => {
    const reply = decode('{"__proto__":{"code":500},"header":{"__proto__":["1"],"constructor":["2","3"]}}')
    assert.equal(reply.code, 0)
    assert.deepEqual(reply.headers, ['__proto__', '1', 'constructor', '2', 'constructor', '3'])
  })
})

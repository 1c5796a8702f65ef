import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SleuthError } from '#src/shared/errors.js'
import { openEnvelope, sealEnvelope } from '#src/transport/go/envelope.js'

function codesOf(content: Buffer, group = 'SLEUTH-v1'): number[] {
  try {
    openEnvelope(group, content)
  } catch (error) {
    assert.ok(error instanceof SleuthError)
    return error.codes
  }
  assert.fail('was opened')
}

describe('envelope', () => {
  it('opens what it sealed', () => {
    for (const action of ['REPL', 'RECV'] as const) {
      const opened = openEnvelope('SLEUTH-v1', sealEnvelope('SLEUTH-v1', action, '{}'))
      assert.equal(opened.action, action)
      assert.deepEqual([...opened.zipped.subarray(0, 2)], [0x1f, 0x8b])
    }
  })

  it('measures a group in bytes', () => {
    assert.equal(openEnvelope('gruppé', sealEnvelope('gruppé', 'REPL', '{}')).action, 'REPL')
  })

  it('TestClientDispatchEmpty: refuses an empty payload with 914', () => {
    assert.deepEqual(codesOf(Buffer.alloc(0)), [914])
  })

  it('refuses another group, and one that breaks off, with 914', () => {
    assert.deepEqual(codesOf(Buffer.from('SLEUTH-v2REPLx')), [914])
    assert.deepEqual(codesOf(Buffer.from('SLEUTH-v1REP')), [914])
  })

  it('TestClientDispatchBadAction: refuses an unknown action with 915', () => {
    assert.deepEqual(codesOf(Buffer.from('SLEUTH-v1FAIL')), [915])
    assert.deepEqual(codesOf(Buffer.from('SLEUTH-v1repl')), [915])
  })
})

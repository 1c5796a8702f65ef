import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { uninterrupted } from '#src/sockets/uninterrupted.js'

describe('a call of libzmq', () => {
  const failing = (code: string, times: number) => {
    let calls = 0
    return () => {
      if (calls++ < times) throw Object.assign(new Error('failed'), { code })
      return calls
    }
  }

  it('is made again while a signal interrupts it', () => {
    assert.equal(uninterrupted(failing('EINTR', 2)), 3)
  })

  it('fails with any other error at once', () => {
    const call = failing('EMFILE', 1)
    assert.throws(() => uninterrupted(call), { code: 'EMFILE' })
    assert.equal(call(), 2)
  })

  it('fails when signals interrupt it without end', () => {
    assert.throws(() => uninterrupted(failing('EINTR', Number.POSITIVE_INFINITY)), { code: 'EINTR' })
  })
})

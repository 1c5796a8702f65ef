import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SleuthError } from '@sleuth/core'
import type { Harm } from './harm.js'
import { broken } from './judge.js'
import type { Ended } from './traffic.js'

const post: Ended = {
  id: 'one',
  service: 'chaos-a',
  kind: 'post',
  method: 'POST',
  from: 100,
  to: 200,
  pid: undefined,
  error: undefined,
  wrong: false,
}
const get: Ended = { ...post, kind: 'get', method: 'GET' }
const kill: Harm = { what: 'kill', service: 'chaos-a', pid: 7, from: 150, to: 160 }
const unsure = new SleuthError('SLEUTH_PEER_GONE', 'gone', { mayHaveRun: true })
const sure = new SleuthError('SLEUTH_PEER_GONE', 'gone')

describe('a promise is kept', () => {
  const kept: Record<string, [call: Ended, ran: string[], harms: Harm[]]> = {
    'by a call that is answered and ran once': [post, ['one'], []],
    'by an idempotent call that ran twice': [get, ['one', 'one'], [kill]],
    'by a POST that may have run, with an instance that was killed': [{ ...post, error: unsure }, [], [kill]],
    'by an answer that was cut off with its instance': [{ ...get, pid: 7, error: unsure }, ['one'], [kill]],
  }
  for (const [name, [call, ran, harms]] of Object.entries(kept))
    test(name, () => assert.deepEqual(broken([call], ran, harms), []))
})

describe('a promise is broken', () => {
  const failed = { ...post, error: unsure }
  const cases: Record<string, [call: Ended, ran: string[], harms: Harm[]]> = {
    'by the answer of another call': [{ ...post, wrong: true }, ['one'], []],
    'by an answer without a run': [post, [], []],
    'by a POST that ran twice': [failed, ['one', 'one'], [kill]],
    'by an idempotent call that fails': [{ ...get, error: unsure }, [], [kill]],
    'by a POST that fails though it did not run': [{ ...post, error: sure }, [], [kill]],
    'by a POST that ran, and is said not to have': [{ ...post, error: sure }, ['one'], [kill]],
    'by a POST that fails while all is well': [failed, ['one'], []],
    'by a POST that fails while another service is harmed': [failed, [], [{ ...kill, service: 'chaos-b' }]],
    'by a POST that fails before the harm': [failed, [], [{ ...kill, from: 201, to: 202 }]],
    'by a POST that fails with a restart': [failed, [], [{ ...kill, what: 'restart' }]],
    'by an answer that was cut off while another instance was killed': [
      { ...get, pid: 8, error: unsure },
      ['one'],
      [kill],
    ],
  }
  for (const [name, [call, ran, harms]] of Object.entries(cases))
    test(name, () => assert.equal(broken([call], ran, harms).length, 1))
})

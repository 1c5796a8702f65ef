import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Summary } from '#src/call/summary.js'
import { writeOut } from '#src/call/write-out.js'

test('--write-out prints nothing of what a peer said that a terminal would obey', () => {
  const instance = { name: 'a\u001b[2Jb', version: '1\n2' }
  const summary = { attempts: [], instance, error: 'c\u009bd' } as unknown as Summary
  assert.equal(writeOut('%{instance} %{version}\\n%{errormsg}%%', summary), 'a\ufffd[2Jb 1\ufffd2\nc\ufffdd%')
})

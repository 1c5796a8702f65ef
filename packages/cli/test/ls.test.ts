import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sleuth } from '@sleuth/core'
import { ask } from '#src/ls/ask.js'
import { cellsOf, jsonOf, type Row } from '#src/ls/rows.js'

test('a node whose report is nonsense is listed as one that tells nothing', async () => {
  const instance = {
    id: 'A',
    name: 'a',
    version: '1',
    endpoint: 'tcp://127.0.0.1:1',
    wire: 2,
    meta: {},
    ready: true,
  }
  const inspect = async () => ({ started: { toString: 1 } })
  const rows = [{ service: 'a-service', instance }] as unknown as Row[]
  const [row] = await ask({ inspect } as unknown as Sleuth, rows, new AbortController().signal)
  assert.ok(row?.asked !== undefined)
  assert.equal(cellsOf(row, 0)[6], '')
  assert.equal((jsonOf(row, 0) as { uptime?: number }).uptime, undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useInstead } from './harness/older.js'

// Express 4 writes wildcards in another way, and downloads with plain names alone.
const otherwise = [
  'a wildcard',
  'an escaped dot in a wildcard',
  'dots in a wildcard',
  'many segments',
  'res.download',
]
// It catches no rejection of an async handler: the process would end.
const without = ['a promise rejected']

useInstead('express', 'express-4')
const { suite } = await import('./harness/suite.js')
await suite('express', { otherwise, without })

test('these are apps of Express 4', async () => {
  const { default: express } = await import('express')
  // Express 5 took this method away.
  assert.ok('del' in express())
})

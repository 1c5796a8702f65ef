import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCycle, importsOf } from './imports.js'

const edge = (from: string, to: string) => ({ from, to, own: true })

test('a circle is found, and named', () => {
  const edges = [edge('a', 'b'), edge('b', 'c'), edge('c', 'd'), edge('d', 'b')]
  assert.deepEqual(findCycle(edges), ['b', 'c', 'd', 'b'])
})

test('two ways to one file are no circle', () => {
  assert.equal(findCycle([edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd')]), undefined)
})

test('imports are read from the sources', async () => {
  const edges = await importsOf('fastify')
  assert.ok(edges.some(({ from, to, own }) => from === 'index.ts' && to === 'types.ts' && own))
  assert.ok(edges.some(({ to, own }) => to === '@sleuth/core/adapter' && !own))
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { routing, selectionOf } from '#src/call/routing.js'
import { UsageError } from '#src/usage-error.js'

const none = Object.fromEntries(Object.keys(routing).map((name) => [name, undefined])) as Parameters<
  typeof selectionOf
>[0]
const of = (given: Partial<typeof none>) => selectionOf({ ...none, ...given })

describe('which instance', () => {
  test('is any unless it is said', () => assert.deepEqual(of({}), {}))

  test('is said as to the library', () => {
    assert.deepEqual(of({ 'version-range': '^2', key: '' }), { version: '^2', key: '' })
    assert.deepEqual(of({ where: ['zone=a', 'tier=x=y'] }), { where: { zone: 'a', tier: 'x=y' } })
    assert.deepEqual(of({ prefer: ['host'] }), { prefer: 'host' })
    assert.deepEqual(of({ prefer: ['zone='] }), { prefer: { zone: '' } })
  })

  test('can not be what is no label', () => {
    for (const given of [{ where: ['zone'] }, { where: ['=a'] }, { prefer: ['zone=a', 'host'] }])
      assert.throws(() => of(given), UsageError)
    assert.throws(() => of({ where: ['zone=a', 'zone=b'] }), /--where gives the label "zone" twice/)
  })
})

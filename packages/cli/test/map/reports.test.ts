import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readInfo, readLinks, readStats } from '#src/map/reports.js'

test('a report keeps what the page shows', () => {
  const info = {
    version: '1',
    pid: 7,
    ready: true,
    discovery: ['beacon', 'host'],
    interface: { name: 'lo' },
    limits: { message: 5 },
  }
  assert.deepEqual(readInfo(info), info)
  assert.deepEqual(readInfo({ interface: 'lo', discovery: 'beacon' }), {
    interface: 'lo',
    discovery: ['beacon'],
    limits: {},
  })
  const stats = {
    calls: { a: { calls: 1, errors: 0 } },
    callers: [{ name: 'b', requests: 2 }],
    stats: { dropped: { late: 3 } },
  }
  assert.deepEqual(readStats(stats), stats)
  const links = { links: [{ name: 'c', state: 'connected', rtt: 0.5, direct: true }] }
  assert.deepEqual(readLinks(links), links)
})

test('a report whose fields are anything has the form that the page reads', () => {
  const odd = JSON.parse('{"toString":1,"constructor":null}')
  for (const value of [null, undefined, odd, [odd], 'text', 5, true, [null], { a: null }]) {
    const info = readInfo({ version: value, discovery: value, interface: value, limits: value })
    assert.notEqual(typeof info.version, 'object')
    assert.ok(Array.isArray(info.discovery) && info.discovery.every((each) => typeof each !== 'object'))
    const { calls, callers, stats } = readStats({ calls: value, callers: value, stats: value })
    for (const each of Object.values(calls as object)) assert.equal(typeof each, 'object')
    for (const each of callers as unknown[]) assert.ok(typeof each === 'object' && each !== null)
    assert.ok((stats as { dropped?: unknown }).dropped)
    for (const link of readLinks({ links: [{ rtt: value }, value] }).links as { rtt?: unknown }[])
      assert.ok(link.rtt === undefined || typeof link.rtt === 'number')
    for (const read of [readInfo, readStats, readLinks]) assert.doesNotThrow(() => read(value))
  }
})

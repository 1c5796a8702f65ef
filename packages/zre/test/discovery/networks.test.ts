import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isBlock, Networks } from '#src/discovery/networks.js'

describe('networks', () => {
  it('are blocks of IPv4 and IPv6, and single addresses', () => {
    const networks = new Networks(['10.0.0.0/8', 'fd00::/8', '192.0.2.7', '2001:db8::7'])
    for (const address of ['10.255.0.1', 'fd12::1', '192.0.2.7', '2001:db8::7']) {
      assert.ok(networks.has(address), address)
    }
    for (const address of ['11.0.0.1', 'fe00::1', '192.0.2.8', '2001:db8::8', '', 'x', '::ffff:11.0.0.1']) {
      assert.ok(!networks.has(address), address)
    }
  })

  it('begin at no bit but those of their prefix', () => {
    assert.ok(new Networks(['10.1.2.3/8']).has('10.9.9.9'))
    assert.ok(new Networks(['0.0.0.0/0']).has('203.0.113.1'))
  })

  it('hold nothing unless they are told', () => assert.ok(!new Networks().has('127.0.0.1')))

  it('hold the addresses of seeds, as many as there is room for', () => {
    const networks = new Networks()
    networks.add('192.0.2.1')
    for (let at = 0; at < 1023; at++) networks.add(`10.0.${at >> 8}.${at & 255}`)
    assert.ok(networks.has('192.0.2.1'))
    networks.add('192.0.2.1')
    networks.add('192.0.2.2')
    assert.ok(networks.has('192.0.2.1'), 'it was seen again')
    assert.ok(!networks.has('10.0.0.0'), 'the one that was seen longest ago')
  })

  it('that are none are told from those that are', () => {
    for (const text of ['10.0.0.0/8', '::/0', 'fd00::1', '10.0.0.1']) assert.ok(isBlock(text), text)
    for (const text of ['', '10.0.0.0/33', 'fd00::/129', '10.0.0/8', '10.0.0.0/', 'eth0', '10.0.0.0/8 ']) {
      assert.ok(!isBlock(text), text)
    }
  })
})

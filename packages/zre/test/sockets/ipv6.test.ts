import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { describe, it } from 'node:test'
import { ipv6SubnetOf, isIPv6Endpoint, onlyIPv6 } from '#src/sockets/ipv6.js'

function info(
  family: 'IPv4' | 'IPv6',
  address: string,
  cidr: string,
  internal = false,
): NetworkInterfaceInfo {
  return {
    family,
    address,
    cidr,
    internal,
    netmask: '',
    mac: '',
    ...(family === 'IPv6' && { scopeid: 0 }),
  } as never
}

const eth0 = [info('IPv6', 'fd00::5', 'fd00::5/64'), info('IPv6', 'fe80::5', 'fe80::5/64')]
const lo = [info('IPv4', '127.0.0.1', '127.0.0.1/8', true), info('IPv6', '::1', '::1/128', true)]

describe('IPv6', () => {
  it('is in an endpoint or not', () => {
    assert.deepEqual([isIPv6Endpoint('tcp://[::1]:1'), isIPv6Endpoint('tcp://127.0.0.1:1')], [true, false])
  })

  it('has a subnet where an interface has the address', () => {
    const subnet = ipv6SubnetOf('fd00::5', { lo, eth0 })
    assert.deepEqual(
      [subnet?.check('fd00::6', 'ipv6'), subnet?.check('fd00:0:0:1::6', 'ipv6')],
      [true, false],
    )
    for (const address of [undefined, '::', 'fd00::9', '10.0.0.1']) {
      assert.equal(ipv6SubnetOf(address, { lo, eth0 }), undefined)
    }
  })

  it('is all that a host has, which it can be reached by', () => {
    assert.deepEqual(onlyIPv6({ lo, eth0 }), ['fd00::5'])
    assert.deepEqual(onlyIPv6({ lo }), [])
    assert.deepEqual(onlyIPv6({ lo, eth0, eth1: [info('IPv4', '10.0.0.1', '10.0.0.1/24')] }), [])
  })
})

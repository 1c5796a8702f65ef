import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { describe, it } from 'node:test'
import { ZreError } from '@sleuth/zre'
import {
  chooseNetwork,
  findNetwork,
  type InterfaceTable,
  isInSubnet,
  preferenceOf,
  reconsider,
} from '#src/sockets/interface.js'
import { kindOf } from '#src/sockets/interface-choice.js'

const LO = ipv4('127.0.0.1', '255.0.0.0', true)
const TABLE: InterfaceTable = {
  lo: [LO, ipv6('::1', true)],
  tun0: [ipv4('10.8.0.2', '255.255.255.255')],
  ppp0: [ipv4('10.9.0.2', '255.255.255.254')],
  wg0: [ipv6('fe80::1')],
  eth0: [ipv6('fe80::2'), ipv4('192.168.1.7', '255.255.255.0'), ipv4('192.168.2.7', '255.255.254.0')],
  eth1: [ipv4('172.16.5.4', '255.240.0.0')],
}

describe('the interface', () => {
  it('by name: its first IPv4 address', () => {
    assert.deepEqual(choose('eth0'), {
      name: 'eth0',
      address: '192.168.1.7',
      netmask: '255.255.255.0',
      broadcast: '192.168.1.255',
      loopback: false,
    })
  })

  it('by address: also one that is not the first of its interface', () => {
    const { name, address, broadcast } = choose('192.168.2.7')
    assert.deepEqual([name, address, broadcast], ['eth0', '192.168.2.7', '192.168.3.255'])
  })

  it('loopback, whatever its name', () => {
    assert.deepEqual(choose('loopback'), {
      name: 'lo',
      address: '127.0.0.1',
      netmask: '255.0.0.0',
      broadcast: '127.255.255.255',
      loopback: true,
    })
    assert.equal(choose('loopback', {}, { lo0: [LO] }).name, 'lo0')
    assert.equal(choose('lo').loopback, true)
    assert.equal(choose('127.0.0.1').loopback, true)
  })

  it('loopback, though the table has none', () => {
    assert.equal(choose('loopback', {}, {}).broadcast, '127.255.255.255')
  })

  it('by SLEUTH_INTERFACE, by ZSYS_INTERFACE, in this order and after the option', () => {
    const env = { SLEUTH_INTERFACE: 'eth1', ZSYS_INTERFACE: 'lo' }
    assert.equal(choose('eth0', env).name, 'eth0')
    assert.equal(choose(undefined, env).name, 'eth1')
    assert.equal(choose(undefined, { ZSYS_INTERFACE: '172.16.5.4' }).name, 'eth1')
    assert.equal(choose(undefined, { SLEUTH_INTERFACE: 'loopback' }).name, 'lo')
  })

  it('empty variables and the * of czmq mean automatic', () => {
    assert.equal(choose(undefined, { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '*' }).name, 'eth0')
    assert.equal(choose('', { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '' }).name, 'eth0')
  })

  it('automatic: the first that can broadcast, so neither loopback nor a point-to-point link', () => {
    assert.equal(choose(undefined).name, 'eth0')
    assert.equal(choose(undefined, {}, { ...TABLE, eth0: [] }).name, 'eth1')
  })

  it('automatic: one that leads to other hosts before the bridges of this one', () => {
    const docker0 = [ipv4('172.17.0.1', '255.255.0.0')]
    const { lo, eth0 } = TABLE
    for (const name of ['docker0', 'br-1a2b3c', 'virbr0', 'veth1', 'vmnet8', 'vboxnet0', 'cni0']) {
      assert.equal(choose(undefined, {}, { lo, [name]: docker0, eth0 }).name, 'eth0', name)
      assert.equal(choose(undefined, {}, { lo, [name]: docker0 }).name, name, 'there is no other')
    }
    assert.equal(choose(undefined, {}, { br0: docker0, eth0 }).name, 'br0', 'a bridge that a person made')
  })

  it('automatic: no tunnel, whatever its netmask', () => {
    const wide = [ipv4('100.64.0.7', '255.192.0.0')]
    for (const name of ['tun0', 'utun3', 'wg0', 'tailscale0', 'ppp0', 'ipsec0']) {
      assert.equal(choose(undefined, {}, { lo: [LO], [name]: wide }).name, 'lo', name)
      assert.equal(choose(name, {}, { lo: [LO], [name]: wide }).name, name, 'if it is asked for')
    }
  })

  it('automatic: a self-assigned address last', () => {
    const own = [ipv4('169.254.7.7', '255.255.0.0')]
    const { eth1 } = TABLE
    assert.equal(choose(undefined, {}, { eth0: own, docker0: eth1 }).name, 'docker0')
    assert.equal(choose(undefined, {}, { eth0: own }).name, 'eth0')
  })

  it('automatic, with none that can broadcast: loopback', () => {
    const { lo, tun0, ppp0, wg0 } = TABLE
    assert.equal(choose(undefined, {}, { tun0, ppp0, wg0, lo }).name, 'lo')
    assert.equal(choose(undefined, {}, {}).address, '127.0.0.1')
  })

  it('unknown: the error says where it was asked for, and lists those that exist', () => {
    const all = [
      'lo (127.0.0.1)',
      'tun0 (10.8.0.2)',
      'ppp0 (10.9.0.2)',
      'eth0 (192.168.1.7)',
      'eth0 (192.168.2.7)',
      'eth1 (172.16.5.4)',
    ]
    assertUnknown(() => choose('eth7'), 'the interface option', 'eth7', ...all)
    assertUnknown(() => choose(undefined, { SLEUTH_INTERFACE: 'eth7' }), 'SLEUTH_INTERFACE', 'eth7')
    assertUnknown(() => choose(undefined, { ZSYS_INTERFACE: 'eth7' }), 'ZSYS_INTERFACE', 'eth7')
    assertUnknown(() => choose('eth7', {}, {}), 'none')
  })

  it('without an IPv4 address is unknown', () => assertUnknown(() => choose('wg0'), 'wg0'))
})

describe('an interface that changes', () => {
  const eth0 = choose('192.168.2.7')
  const named = preferenceOf('192.168.2.7', {})

  it('keeps the address that it was chosen for, while it has it', () => {
    assert.equal(findNetwork(named, eth0, TABLE)?.address, '192.168.2.7')
  })

  it('is found at its new address', () => {
    const table = { ...TABLE, eth0: [ipv4('10.1.1.1', '255.255.255.0')] }
    assert.deepEqual(findNetwork(named, eth0, table)?.broadcast, '10.1.1.255')
  })

  it('is not found while it has none, or is gone', () => {
    assert.equal(findNetwork(named, eth0, { ...TABLE, eth0: [ipv6('fe80::1')] }), undefined)
    assert.equal(findNetwork(named, eth0, {}), undefined)
  })
})

describe('an interface by CIDR', () => {
  it('is the first with an address inside', () => {
    assert.deepEqual(
      [choose('172.16.0.0/12').name, choose('192.168.2.0/23').address],
      ['eth1', '192.168.2.7'],
    )
    assert.equal(choose('10.0.0.0/8').name, 'tun0')
    assert.equal(choose(undefined, { SLEUTH_INTERFACE: '172.16.0.0/12' }).name, 'eth1')
    assert.equal(choose('172.16.5.4/32').name, 'eth1')
    assert.equal(choose('0.0.0.0/0').name, 'lo')
  })

  it('that holds none, or is none, is an error that lists those that exist', () => {
    for (const cidr of ['203.0.113.0/24', '10.0.0.0/33', '10.0.0/8', '300.0.0.0/8', '10.0.0.0/', 'fe80::/10'])
      assertUnknown(() => choose(cidr), 'the interface option', cidr, 'eth1 (172.16.5.4)')
  })

  it('stays inside when the interface changes', () => {
    const preference = preferenceOf('192.168.2.0/24', {})
    const eth0 = choose('192.168.2.0/24')
    const outside = { ...TABLE, eth0: [ipv4('192.168.1.7', '255.255.255.0')] }
    assert.equal(findNetwork(preference, eth0, TABLE)?.address, '192.168.2.7')
    assert.equal(findNetwork(preference, eth0, outside), undefined)
    const elsewhere = { ...outside, eth9: [ipv4('192.168.2.8', '255.255.255.0')] }
    assert.equal(findNetwork(preference, eth0, elsewhere)?.name, 'eth9')
  })
})

describe('an automatic choice made anew', () => {
  const { lo, eth1 } = TABLE
  const eth0 = choose('eth0')
  const alone = true

  it('leaves loopback as soon as there is another, whoever is there', () => {
    const loopback = choose('loopback')
    for (const is of [true, false]) assert.equal(reconsider(loopback, { lo, eth1 }, is)?.name, 'eth1')
    assert.equal(reconsider(loopback, { lo }, alone)?.name, 'lo')
  })

  it('leaves an interface where nobody is for the one that would be chosen now', () => {
    const eth1Network = choose('eth1')
    assert.equal(reconsider(eth1Network, TABLE, alone)?.name, 'eth0')
    assert.equal(reconsider(eth1Network, TABLE, !alone)?.name, 'eth1')
    assert.equal(reconsider(eth0, TABLE, alone)?.name, 'eth0')
  })

  it('keeps the address on the same interface', () => {
    assert.equal(reconsider(choose('192.168.2.7'), TABLE, alone)?.address, '192.168.2.7')
  })

  it('leaves one that is gone, and waits for it where there is no other but loopback', () => {
    assert.equal(reconsider(eth0, { lo, eth1 }, !alone)?.name, 'eth1')
    assert.equal(reconsider(eth0, { lo }, alone), undefined)
  })
})

describe('the subnet', () => {
  const cases = [
    ['eth0', '192.168.1.1', true],
    ['eth0', '192.168.1.254', true],
    ['eth0', '192.168.1.0', false],
    ['eth0', '192.168.1.255', false],
    ['eth0', '192.168.2.1', false],
    ['eth1', '172.31.255.254', true],
    ['eth1', '172.31.255.255', false],
    ['eth1', '172.32.0.0', false],
    ['lo', '127.200.3.4', true],
    ['lo', '127.255.255.255', false],
    ['lo', '128.0.0.1', false],
    ['lo', '192.168.1.7', false],
    ['tun0', '10.8.0.2', true],
    ['tun0', '10.8.0.3', false],
  ] as const

  for (const [name, address, expected] of cases) {
    it(`of ${name} ${expected ? 'holds' : 'does not hold'} ${address}`, () => {
      assert.equal(isInSubnet(choose(name), address), expected)
    })
  }

  it('holds nothing that is no IPv4 address', () => {
    const everything = choose('any', {}, { any: [ipv4('1.2.3.4', '0.0.0.0')] })
    assert.equal(isInSubnet(everything, '200.1.1.1'), true)
    for (const text of [
      '',
      '::1',
      '::ffff:127.0.0.1',
      '127.0.0',
      '127.0.0.1.1',
      '127.0.0.256',
      'localhost',
    ]) {
      assert.equal(isInSubnet(everything, text), false, text)
    }
  })
})

function choose(asked: string | undefined, env: NodeJS.ProcessEnv = {}, table = TABLE) {
  return chooseNetwork(preferenceOf(asked, env), table)
}

function assertUnknown(run: () => unknown, ...mentioned: string[]): void {
  assert.throws(run, (error: ZreError) => {
    assert.ok(error instanceof ZreError)
    assert.equal(error.code, 'ZRE_INTERFACE')
    for (const text of [...mentioned, '"loopback" always works'])
      assert.ok(error.message.includes(text), error.message)
    return true
  })
}

function ipv4(address: string, netmask = '255.255.255.0', internal = false): NetworkInterfaceInfo {
  return { address, netmask, internal, family: 'IPv4', mac: '00:00:00:00:00:00', cidr: null }
}

function ipv6(address: string, internal = false): NetworkInterfaceInfo {
  return {
    address,
    netmask: 'ffff::',
    internal,
    family: 'IPv6',
    mac: '00:00:00:00:00:00',
    cidr: null,
    scopeid: 1,
  }
}

describe('the kind of an interface', () => {
  const kind = (name: string, address: string, netmask = '255.255.255.0') =>
    kindOf({ name, address, netmask, broadcast: '', loopback: false })

  it('tells why a node takes it or leaves it', () => {
    assert.equal(kind('eth0', '192.168.1.7'), 'good')
    assert.equal(kind('docker0', '172.17.0.1'), 'inner')
    assert.equal(kind('docker0', '169.254.3.4'), 'self-assigned')
    assert.equal(kind('tailscale0', '100.64.0.7'), 'tunnel')
    assert.equal(kind('eth1', '10.0.0.1', '255.255.255.254'), 'point-to-point')
    assert.equal(kindOf({ ...choose('loopback') }), 'loopback')
  })

  it('decides the choice: what can broadcast, the good ones first', () => {
    const table = { docker0: [ipv4('172.17.0.1')], wg0: [ipv4('10.8.0.1')], eth0: [ipv4('169.254.1.2')] }
    assert.equal(choose(undefined, {}, table).name, 'docker0')
    assert.equal(choose(undefined, {}, { ...table, eth1: [ipv4('10.0.0.7')] }).name, 'eth1')
    assert.equal(choose(undefined, {}, { wg0: [ipv4('10.8.0.1')], lo: [LO] }).name, 'lo')
  })
})

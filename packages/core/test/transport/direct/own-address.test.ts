import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ownAddress } from '#src/transport/direct/own-address.js'

const one = { netmask: '', mac: '', internal: false, cidr: null }
const table = {
  lo: [{ ...one, address: '127.0.0.1', family: 'IPv4' as const, internal: true }],
  eth0: [
    { ...one, address: '10.0.0.7', family: 'IPv4' as const },
    { ...one, address: 'fd00::5', family: 'IPv6' as const, scopeid: 0 },
  ],
}

it('the own address is that of the endpoint, without brackets, where this host has it', () => {
  assert.equal(
    ownAddress('tcp://10.0.0.7:5670', () => table),
    '10.0.0.7',
  )
  assert.equal(
    ownAddress('tcp://[fd00::5]:5670', () => table),
    'fd00::5',
  )
  assert.equal(
    ownAddress('tcp://127.0.0.1:5670', () => table),
    '127.0.0.1',
  )
  assert.equal(
    ownAddress('tcp://127.0.0.2:5670', () => table),
    '127.0.0.2',
  )
})

it('an address that only a router has is not our own', () => {
  assert.equal(
    ownAddress('tcp://203.0.113.7:5670', () => table),
    undefined,
  )
  assert.equal(
    ownAddress('tcp://[2001:db8::7]:5670', () => table),
    undefined,
  )
})

it('where no file descriptor is left to look, there is none', () => {
  const look = () => {
    throw new Error('EMFILE')
  }
  assert.equal(ownAddress('tcp://10.0.0.7:5670', look), undefined)
  assert.equal(ownAddress('tcp://127.0.0.1:5670', look), '127.0.0.1')
})

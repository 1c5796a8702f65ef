import assert from 'node:assert/strict'
import { syncBuiltinESMExports } from 'node:module'
import os, { type NetworkInterfaceInfo } from 'node:os'
import { describe, it, mock } from 'node:test'
import { NetworkBinding } from '#src/sockets/network-binding.js'

const logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

const info: NetworkInterfaceInfo = {
  address: '192.0.2.7',
  netmask: '255.255.255.0',
  family: 'IPv4',
  mac: '00:00:00:00:00:00',
  internal: false,
  cidr: '192.0.2.7/24',
}

describe('a place whose interface can not be looked at', () => {
  it('is where it was: the system has no file descriptor left for the look', async () => {
    const look = mock.method(os, 'networkInterfaces', () => ({ net0: [info] }))
    syncBuiltinESMExports()
    try {
      const binding = new NetworkBinding({
        interface: 'net0',
        port: 1,
        logger,
        bind: () => assert.fail('bound'),
        isAlone: () => true,
        onMoved: () => assert.fail('moved'),
      })
      look.mock.mockImplementation(() => {
        throw new Error('ERR_SYSTEM_ERROR')
      })
      assert.equal(binding.hasAddress(), true)
      await binding.refresh()
      look.mock.mockImplementation(() => ({}))
      assert.equal(binding.hasAddress(), false)
    } finally {
      look.mock.restore()
      syncBuiltinESMExports()
    }
  })
})

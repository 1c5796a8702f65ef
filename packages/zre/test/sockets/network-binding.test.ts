import assert from 'node:assert/strict'
import { createSocket, Socket } from 'node:dgram'
import { syncBuiltinESMExports } from 'node:module'
import os, { type NetworkInterfaceInfo } from 'node:os'
import { after, afterEach, before, describe, it, mock } from 'node:test'
import { NetworkBinding, type NetworkBindingOptions } from '#src/sockets/network-binding.js'
import { freePort } from '../support/nodes.js'

type Table = Record<string, string>

let table: Table = {}

/** All are addresses of loopback, which can be bound anywhere, and nothing is sent from them. `broken`: to look fails. */
function interfaces(addresses: Table, broken = false): void {
  table = addresses
  // Of two mocks of one method, the first would be left when all are taken back.
  mock.reset()
  mock.method(os, 'networkInterfaces', () => {
    if (broken) throw new Error('ERR_SYSTEM_ERROR')
    return Object.fromEntries(Object.entries(table).map(([name, address]) => [name, [infoOf(address)]]))
  })
  syncBuiltinESMExports()
}

function infoOf(address: string): NetworkInterfaceInfo {
  const [netmask, cidr] = ['255.255.255.0', `${address}/24`]
  return { address, netmask, cidr, family: 'IPv4', mac: '00:00:00:00:00:00', internal: false }
}

afterEach(() => {
  mock.reset()
  syncBuiltinESMExports()
})

/** A binding whose inbox is at port 1000, 1001 and so on, with what it tells. */
async function opened(options: Partial<NetworkBindingOptions> = {}) {
  const told: string[] = []
  const note = (level: string) => (_: object, message: string) => void told.push(`${level}: ${message}`)
  const ignore = () => {}
  const logger = {
    trace: ignore,
    debug: ignore,
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
  }
  let ports = 1000
  const binding: NetworkBinding = new NetworkBinding({
    interface: 'net0',
    port: await freePort(),
    listen: {},
    advertise: undefined,
    beacon: 'required',
    logger,
    bind: () => ports++,
    isAlone: () => false,
    onMoved: () => told.push(`moved to ${binding.endpoint}`),
    onReturned: () => told.push('returned'),
    ...options,
  })
  await binding.open()
  return { binding, told, [Symbol.dispose]: () => binding.close() }
}

const FAIL = 'warn: zre: beacons fail; the node goes on and tries again'
const MOVED = 'warn: zre: the node moved to another interface'
const BACK = 'info: zre: the interface is back'

describe('where a node is, by an interface that it was told', () => {
  it('is where it was while the system has no file descriptor left to look', async () => {
    interfaces({ net0: '127.77.1.7' })
    using scene = await opened()
    const { binding, told } = scene
    interfaces({}, true)
    assert.equal(binding.hasAddress(), true)
    await binding.refresh()
    interfaces({})
    assert.equal(binding.hasAddress(), false)
    assert.deepEqual([binding.endpoint, told], ['tcp://127.77.1.7:1000', []])
  })

  it('is elsewhere when the interface has another address: its inbox is there', async () => {
    interfaces({ net0: '127.77.1.7', net1: '127.77.2.7' })
    using scene = await opened()
    const { binding, told } = scene
    await binding.refresh()
    assert.deepEqual(told, [])
    interfaces({ net0: '127.77.1.9', net1: '127.77.2.7' })
    await binding.refresh()
    assert.equal(binding.address, '127.77.1.9')
    assert.deepEqual(told, [BACK, 'moved to tcp://127.77.1.9:1001'])
  })

  it('waits when the interface has no address, which is told once, and is where it was when it has it again', async () => {
    interfaces({ net0: '127.77.1.7', net1: '127.77.2.7' })
    using scene = await opened()
    const { binding, told } = scene
    interfaces({ net1: '127.77.2.7' })
    for (let beacon = 0; beacon < 5; beacon++) await binding.refresh()
    assert.deepEqual(told.splice(0), [FAIL])
    interfaces({ net0: '127.77.1.7', net1: '127.77.2.7' })
    await binding.refresh()
    assert.deepEqual(told, [BACK, 'returned'])
    assert.equal(binding.endpoint, 'tcp://127.77.1.7:1000')
  })

  it('stays where its beacons can not be sent from, tells so once, and tries again', async () => {
    interfaces({ net0: '127.77.1.7' })
    using scene = await opened()
    const { binding, told } = scene
    // An address for documentation (RFC 5737): no host has it.
    interfaces({ net0: '192.0.2.7' })
    await binding.refresh()
    await binding.refresh()
    assert.deepEqual(told.splice(0), [FAIL])
    interfaces({ net0: '127.77.1.9' })
    await binding.refresh()
    assert.equal(told[0], BACK)
    assert.match(binding.endpoint, /^tcp:\/\/127\.77\.1\.9:/)
  })

  it('is on loopback without beacons while these fail, and tries again', async () => {
    interfaces({ lo: '127.0.0.1' })
    const broken = mock.method(Socket.prototype, 'setBroadcast', () => {
      throw new Error('EACCES')
    })
    using scene = await opened({ interface: 'loopback', beacon: 'welcome' })
    const { binding, told } = scene
    await binding.refresh()
    assert.deepEqual(told.splice(0), [FAIL])
    broken.mock.restore()
    await binding.refresh()
    await binding.refresh()
    assert.deepEqual(told, [BACK, 'returned'])
  })

  it('is nowhere when its inbox can not be bound: an error with a code that names the address', async () => {
    interfaces({ net0: '127.77.1.7' })
    const bind = () => {
      throw new Error('EADDRNOTAVAIL')
    }
    await assert.rejects(opened({ bind }), {
      code: 'ZRE_PORT',
      message: /^can't bind to 127\.77\.1\.7, UDP port \d+: EADDRNOTAVAIL$/,
    })
  })

  it('tells beacons to its receiver, but not of what comes while the interface has no address', async () => {
    interfaces({ net0: '127.0.0.1' })
    const port = await freePort()
    using scene = await opened({ port })
    const { binding } = scene
    const heard: string[] = []
    let told = () => {}
    const onDatagram = (bytes: Buffer) => {
      heard.push(String(bytes))
      told()
    }
    binding.receive({ onDatagram } as unknown as Parameters<typeof binding.receive>[0])
    const socket = createSocket('udp4')
    const one = (text: string) => new Promise<unknown>((sent) => socket.send(text, port, '127.0.0.1', sent))
    const comes = () => new Promise<void>((resolve) => (told = resolve))
    await Promise.all([comes(), one('first')])
    interfaces({})
    await binding.refresh()
    await one('while it is down')
    // It is there when it is sent, and is read in the next turn.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    interfaces({ net0: '127.0.0.1' })
    await binding.refresh()
    await Promise.all([comes(), one('last')])
    socket.close()
    assert.deepEqual(heard, ['first', 'last'])
  })
})

describe('where a node is, by itself', () => {
  it('is loopback where there is no interface yet, and says so', async () => {
    interfaces({})
    using scene = await opened({ interface: undefined })
    assert.equal(scene.binding.address, '127.0.0.1')
    assert.deepEqual(scene.told, [
      'info: zre: no network interface can be used yet; the node is on loopback until there is one',
    ])
  })

  it('is loopback on a host with addresses of IPv6 alone, and says what to set', async () => {
    const eth0: NetworkInterfaceInfo = {
      address: 'fd00::5',
      netmask: 'ffff:ffff:ffff:ffff::',
      cidr: 'fd00::5/64',
      family: 'IPv6',
      mac: '00:00:00:00:00:00',
      internal: false,
      scopeid: 0,
    }
    mock.method(os, 'networkInterfaces', () => ({ eth0: [eth0] }))
    syncBuiltinESMExports()
    using scene = await opened({ interface: undefined })
    assert.match(
      String(scene.told),
      /^warn: .*IPv6 alone.*set listen\.host to one of its addresses, and seeds/,
    )
    using listening = await opened({ interface: undefined, listen: { host: 'fd00::5' }, beacon: 'none' })
    const { binding, told } = listening
    assert.deepEqual([binding.endpoint, told], ['tcp://[fd00::5]:1000', []])
    assert.deepEqual([binding.has('fd00::6'), binding.has('fd01::6')], [true, false])
  })

  const { SLEUTH_INTERFACE, ZSYS_INTERFACE } = process.env
  before(() => {
    delete process.env.SLEUTH_INTERFACE
    delete process.env.ZSYS_INTERFACE
  })
  after(() => {
    if (SLEUTH_INTERFACE !== undefined) process.env.SLEUTH_INTERFACE = SLEUTH_INTERFACE
    if (ZSYS_INTERFACE !== undefined) process.env.ZSYS_INTERFACE = ZSYS_INTERFACE
  })

  it('is the next interface when its own is gone, but not at once: it may come back', async () => {
    interfaces({ net0: '127.77.1.7', net1: '127.77.2.7' })
    using scene = await opened({ interface: undefined })
    const { binding, told } = scene
    interfaces({ net1: '127.77.2.7' })
    for (let look = 0; look < 2; look++) await binding.refresh()
    assert.deepEqual(told.splice(0), [FAIL])
    assert.equal(binding.address, '127.77.1.7')
    await binding.refresh()
    assert.deepEqual(told, [MOVED, 'moved to tcp://127.77.2.7:1001'])
  })

  it('is another interface when nobody is found where it is', async () => {
    interfaces({ net1: '127.77.2.7' })
    let alone = false
    using scene = await opened({ interface: undefined, isAlone: () => alone })
    const { binding, told } = scene
    interfaces({ net0: '127.77.1.7', net1: '127.77.2.7' })
    await binding.refresh()
    assert.deepEqual(told, [])
    alone = true
    await binding.refresh()
    assert.deepEqual(told, [MOVED, 'moved to tcp://127.77.1.7:1001'])
  })
})

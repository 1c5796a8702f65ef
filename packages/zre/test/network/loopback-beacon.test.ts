import assert from 'node:assert/strict'
import { Socket } from 'node:dgram'
import { describe, it, mock } from 'node:test'
import { BeaconSocket } from '#src/sockets/beacon-socket.js'
import { freePort } from '../support/nodes.js'

const BROADCAST = '127.255.255.255'
const loopback = {
  name: 'lo',
  address: '127.0.0.1',
  netmask: '255.0.0.0',
  broadcast: BROADCAST,
  loopback: true,
}

type Send = (bytes: Buffer, port: number, address: string, sent: (error?: Error | null) => void) => void

describe('a beacon on loopback', () => {
  it('goes by multicast, and stays on this host, where the system knows no broadcast there', async () => {
    const send = Socket.prototype.send as unknown as Send
    const targets: string[] = []
    const replaced: Send = function (this: Socket, bytes, port, address, sent) {
      targets.push(address)
      if (address === BROADCAST) sent(new Error('EADDRNOTAVAIL'))
      else send.call(this, bytes, port, address, sent)
    }
    mock.method(Socket.prototype, 'send', replaced as never)
    const hops = mock.method(Socket.prototype, 'setMulticastTTL')
    let heard = (_text: string) => {}
    const first = new Promise<string>((resolve) => {
      heard = resolve
    })
    const beacon = await BeaconSocket.open({
      network: loopback,
      port: await freePort(),
      onDatagram: (bytes) => heard(String(bytes)),
      onError: (error) => assert.fail(error),
    })
    try {
      await beacon.send(Buffer.from('lost'))
      await beacon.send(Buffer.from('heard'))
      assert.equal(await first, 'heard')
      assert.deepEqual(targets, [BROADCAST, '224.0.0.250'])
      assert.deepEqual(hops.mock.calls[0]?.arguments, [0])
    } finally {
      beacon.close()
      mock.reset()
    }
  })
})

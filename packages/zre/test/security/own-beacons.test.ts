import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OwnBeacons } from '#src/security/own-beacons.js'

function open() {
  const told: string[] = []
  const clock = { time: 0 }
  const beacons = new OwnBeacons({
    transport: { port: 5000, isOwnAddress: (address) => address === '10.0.0.1' },
    rejections: { refuse: (reason, from) => told.push(`${reason} ${from}`) },
    now: () => clock.time,
  })
  const hear = (port: number, address: string) => {
    beacons.receive(port, address)
    clock.time += 1000
  }
  return { told, clock, hear, beacons }
}

describe('a beacon with our own identity', () => {
  it('is ours from our port of our host', () => {
    const { told, hear } = open()
    for (let count = 0; count < 5; count++) hear(5000, '10.0.0.1')
    assert.deepEqual(told, [])
  })

  it('is that of a copy from another host, or another port of ours, when it comes again', () => {
    for (const [port, address] of [
      [5000, '10.0.0.2'],
      [5001, '10.0.0.1'],
    ] as const) {
      const { told, hear } = open()
      hear(port, address)
      assert.deepEqual(told, [])
      hear(port, address)
      assert.deepEqual(told, [`own-identity tcp://${address}:${port}`])
    }
  })

  it('may be one from before we moved, and so does not count for half a second; nor when it says goodbye', () => {
    const { told, hear, beacons, clock } = open()
    for (let count = 0; count < 5; count++) {
      beacons.receive(4000, '10.0.0.1')
      clock.time += 100
    }
    hear(0, '10.0.0.2')
    hear(0, '10.0.0.2')
    assert.deepEqual(told, [])
  })

  it('from very many places is remembered of few', () => {
    const { told, beacons, clock } = open()
    for (let round = 0; round < 3; round++, clock.time += 1000)
      for (let port = 1; port <= 100; port++) beacons.receive(port, '10.0.0.2')
    assert.deepEqual(told, [])
  })
})

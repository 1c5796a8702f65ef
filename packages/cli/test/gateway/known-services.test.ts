import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Instance, Sleuth, SleuthEvents } from '@sleuth/core'
import { KnownServices } from '#src/gateway/known-services.js'

const instance: Instance = {
  id: 'A',
  name: 'a',
  version: '1',
  endpoint: 'tcp://127.0.0.1:1',
  wire: 2,
  ready: true,
  meta: {},
}

/** The part of a `Sleuth` that is followed. */
function network(...names: string[]) {
  const listeners: Record<string, (event: { service: string; instance: Instance }) => void> = {}
  const sleuth = {
    services: () => names.map((service) => ({ service, instances: [instance] })),
    on(event: keyof SleuthEvents, listener: never) {
      listeners[event] = listener
      return this
    },
  } as unknown as Sleuth
  const tell = (event: keyof SleuthEvents, service: string) => listeners[event]?.({ service, instance })
  return { sleuth, tell }
}

describe('the services that a gateway knows', () => {
  it('come and go with their instances, and are remembered', () => {
    const { sleuth, tell } = network('shop')
    const services = new KnownServices(undefined)
    services.follow(sleuth)
    tell('up', 'shop')
    tell('up', 'blog')
    assert.deepEqual(services.list(), ['blog', 'shop'])
    tell('down', 'shop')
    assert.equal(services.find('shop'), 'shop')
    tell('down', 'shop')
    assert.equal(services.find('shop'), undefined)
    assert.deepEqual([services.wasThere('SHOP'), services.wasThere('other')], [true, false])
  })

  it('are found in any case, unless two differ by it', () => {
    const services = new KnownServices(undefined)
    services.follow(network('Shop', 'API', 'api').sleuth)
    assert.equal(services.find('shop'), 'Shop')
    assert.equal(services.find('api'), 'api')
    assert.equal(services.find('Api'), undefined)
  })

  it('are those that are allowed', () => {
    const services = new KnownServices(['shop'])
    services.follow(network('shop', 'secrets').sleuth)
    assert.deepEqual(services.list(), ['shop'])
    assert.equal(services.find('secrets'), undefined)
    assert.equal(services.find('SECRETS'), undefined)
    assert.deepEqual([services.isAllowed('secrets'), services.isAllowed('Shop')], [false, true])
  })

  it('do not fill the memory with names', () => {
    const { sleuth, tell } = network()
    const services = new KnownServices(undefined)
    services.follow(sleuth)
    for (let i = 0; i < 2000; i++) {
      tell('up', `s${i}`)
      tell('down', `s${i}`)
    }
    assert.deepEqual([services.wasThere('s0'), services.wasThere('s1999')], [false, true])
    assert.deepEqual(services.list(), [])
  })
})

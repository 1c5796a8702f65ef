import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownPlace } from '#src/own-place.js'

test('a tool has a place of its own beside a service with a fixed one', async () => {
  assert.deepEqual(await ownPlace({}, '127.0.0.1'), { listen: {} })
  const listen = { port: 5670, host: '127.0.0.1' }
  assert.deepEqual(await ownPlace({ listen, advertise: undefined }, '127.0.0.1'), {
    listen: { host: '127.0.0.1' },
  })
  const own = await ownPlace({ listen, advertise: 'tcp://203.0.113.7:5670' }, '127.0.0.1')
  assert.equal(own.advertise, `tcp://127.0.0.1:${own.listen?.port}`)
  assert.notEqual(own.listen?.port, 5670)
  // Nobody is to connect to it: that stays.
  assert.deepEqual(await ownPlace({ listen, advertise: false }, '127.0.0.1'), {
    listen: { host: '127.0.0.1' },
  })
})

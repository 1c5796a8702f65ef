import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ports } from './ports.js'
import { Program } from './program.js'

test('the echo client finds the echo service and gets back what it sent', async (t) => {
  // The client first: it waits for the service.
  const client = new Program(['examples/echo/client.js'], ports.echo)
  t.after(() => client.kill())
  const service = new Program(['examples/echo/service.js'], ports.echo)
  t.after(() => service.kill())

  assert.equal(await client.ends(), 0)
  assert.equal(client.output, 'It works.\n')

  const [, url = ''] = await service.prints(/is up: (\S+)/)
  const response = await fetch(url, { method: 'POST', body: 'over HTTP' })
  assert.equal(await response.text(), 'over HTTP')
  assert.equal(await service.stop(), 0)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ports } from './ports.js'
import { Program } from './program.js'

test('each event goes to one instance of each service that subscribes', async (t) => {
  const program = new Program(['examples/events/events.js'], ports.events)
  t.after(() => program.kill())
  assert.equal(await program.ends(), 0, program.output)
  const lines = program.output.trimEnd().split('\n')
  const of = (name: string) => lines.filter((line) => line.startsWith(name))
  assert.deepEqual(of('shop'), Array(4).fill('shop: 2 were told'))
  assert.deepEqual(
    of('audit'),
    [0, 1, 2, 3, 4].map((order) => `audit: order.created ${order} from shop`),
  )
  const invoices = of('mail').map((line) => line.replace(/^mail \d: /, ''))
  assert.deepEqual(
    invoices.sort(),
    [1, 2, 3, 4].map((order) => `invoice for order ${order}`),
  )
  assert.deepEqual([of('mail 1').length, of('mail 2').length], [2, 2])
})

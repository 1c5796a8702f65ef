import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { Program } from '../examples/program.js'

const port = 23_016

test('web calls hello, answers its probes, and both stop on SIGTERM', async (t) => {
  const start = (name: string) => {
    const program = new Program([`examples/deploy/app/${name}.js`], port)
    t.after(() => program.kill())
    return program
  }
  const programs = [start('hello'), start('hello'), start('web')]
  const [url = ''] = await Promise.all(
    programs.toReversed().map(async (program) => (await program.prints(/listens at (\S+)/))[1]),
  )
  assert.equal(await (await fetch(url)).text(), `Hello from ${hostname()}\n`)
  for (const probe of ['healthz', 'readyz']) assert.equal((await fetch(`${url}/${probe}`)).status, 200)
  assert.deepEqual(await Promise.all(programs.map((program) => program.stop())), [0, 0, 0])
})

test('web says with 503 that nobody offers hello', async (t) => {
  const web = new Program(['examples/deploy/app/web.js'], port + 1)
  t.after(() => web.kill())
  const [, url = ''] = await web.prints(/listens at (\S+)/)
  const response = await fetch(url)
  assert.equal(response.status, 503)
  assert.equal(await response.text(), 'hello does not answer: SLEUTH_UNKNOWN_SERVICE\n')
})

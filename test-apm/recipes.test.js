// Runs the programs of docs/observability.md that need packages of this folder.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { freePort } from './scene.js'

const page = readFileSync(new URL('../docs/observability.md', import.meta.url), 'utf8')

/** The block of code below `<!-- test-apm: NAME -->`. */
function recipe(name) {
  const [, code] = new RegExp(`<!-- test-apm: ${name} -->\\n\`\`\`mjs\\n([^]*?)\`\`\``).exec(page) ?? []
  assert.ok(code, `docs/observability.md has no block ${name}`)
  return code
}

/** Starts a program, and gives what it tells first. */
async function run(name, code) {
  const folder = new URL('build/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const file = new URL(`${name}.mjs`, folder)
  writeFileSync(file, code)
  const program = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [told] = await once(program, 'message')
  return { program, told }
}

test('prom-client: one page has the metrics of sleuth and those of the process', async (t) => {
  const options = JSON.stringify({ interface: 'loopback', port: await freePort() })
  const code = recipe('prometheus')
    .replace('createSleuth()', `createSleuth(${options})`)
    .replace('listen(9464, ', 'listen(0, ')
  const { program, told: port } = await run(
    'prometheus',
    `${code}server.on('listening', () => process.send(server.address().port))\n`,
  )
  t.after(() => program.kill())
  const response = await fetch(`http://127.0.0.1:${port}/`)
  const text = await response.text()
  assert.match(response.headers.get('content-type'), /^application\/openmetrics-text/)
  assert.match(text, /^sleuth_calls_total 0$/m)
  assert.match(text, /^process_cpu_seconds_total \d/m)
  assert.deepEqual(text.match(/^# EOF$/gm), ['# EOF'])
  assert.ok(text.endsWith('# EOF\n'))
})

test('OpenTelemetry: a call carries the trace of its span', async (t) => {
  const { program, told: traceparent } = await run(
    'otel',
    `${recipe('otel')}
import { tracingChannel } from 'node:diagnostics_channel'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

new NodeTracerProvider().register()
const headers = new Map()
tracingChannel('sleuth.call').start.publish({ service: 'foo', method: 'GET', url: '/', headers })
process.send(headers.get('traceparent'))
`,
  )
  t.after(() => program.kill())
  assert.match(traceparent, /^00-[\da-f]{32}-[\da-f]{16}-01$/)
})

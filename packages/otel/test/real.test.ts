import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { it } from 'node:test'
import { createSleuth } from '@sleuth/core'
import { SleuthInstrumentation } from '@sleuth/otel'
import { telemetry } from './telemetry.js'

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}

it('a call between two nodes has a span, whose context the service gets', async (t) => {
  const seen = telemetry()
  t.after(() => seen.close())
  const instrumentation = new SleuthInstrumentation()
  t.after(() => instrumentation.disable())
  instrumentation.setTracerProvider(seen.tracerProvider)
  const options = { interface: 'loopback', port: await freePort(), timeout: 10_000 }
  const service = await createSleuth({
    ...options,
    service: 'foo',
    version: '1.2.3',
    handler: (req, res) => res.end(String(req.headers.traceparent)),
  })
  t.after(() => service.close())
  const client = await createSleuth(options)
  t.after(() => client.close())
  await client.waitFor('foo', { timeout: 20_000 })
  const { body } = await client.request('sleuth://foo/a')
  await assert.rejects(client.do('sleuth://bar/'))
  const [span, failed] = seen.spans()
  assert.ok(span && failed)
  const { traceId, spanId } = span.spanContext()
  assert.equal(String(body), `00-${traceId}-${spanId}-01`)
  assert.equal(span.attributes['sleuth.service.version'], '1.2.3')
  assert.equal(span.attributes['sleuth.instance.id'], client.services()[0]?.instances[0]?.id)
  assert.equal(failed.attributes['error.type'], 'SLEUTH_UNKNOWN_SERVICE')
})

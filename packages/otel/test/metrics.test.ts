import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { type Observed, observe, SleuthInstrumentation } from '@sleuth/otel'
import { FakeCall, instance } from './fake-call.js'
import { telemetry } from './telemetry.js'

describe('metrics', () => {
  let seen: ReturnType<typeof telemetry>

  beforeEach(() => {
    seen = telemetry()
  })
  afterEach(() => seen.close())

  it('of calls are those of HTTP clients', async (t) => {
    const instrumentation = new SleuthInstrumentation()
    t.after(() => instrumentation.disable())
    instrumentation.setMeterProvider(seen.meterProvider)
    new FakeCall().start().end({ status: 200 })
    new FakeCall().start().end({ error: { code: 'SLEUTH_TIMEOUT' } })
    new FakeCall().start()
    const metrics = await seen.metrics()
    const common = { 'http.request.method': 'GET', 'server.address': 'foo', 'url.scheme': 'sleuth' }
    const durations = metrics.get('http.client.request.duration')
    assert.deepEqual(
      durations?.map(({ attributes, unit, value }) => [attributes, unit, (value as { count: number }).count]),
      [
        [{ ...common, 'http.response.status_code': 200 }, 's', 1],
        [{ ...common, 'error.type': 'SLEUTH_TIMEOUT' }, 's', 1],
      ],
    )
    assert.deepEqual(metrics.get('http.client.active_requests'), [
      { attributes: common, value: 1, unit: '{request}' },
    ])
  })

  it('of a node are observed until that is ended', async () => {
    const node = {
      stats: () => ({
        ...{
          calls: 9,
          answers: 9,
          pending: 0,
          requests: 3,
          replies: 3,
          inflight: 2,
          abandoned: 0,
          errors: {},
        },
        ...{ refused: 4, retries: 5, hedges: 6, peers: 7, bytesSent: 10, bytesReceived: 20 },
        ...{ emits: 1, eventsSent: 11, eventsReceived: 12, listenerErrors: 13 },
        dropped: { handshake: 8 },
      }),
      services: () => [{ service: 'foo', instances: [instance] }],
    } satisfies Observed
    const end = observe(node, seen.meterProvider.getMeter('test'))
    const values = async () =>
      Array.from(await seen.metrics(), ([name, points]) => [
        name,
        ...points.map(({ value, attributes }) => [value, ...Object.values(attributes)]),
      ]).sort()
    assert.deepEqual(await values(), [
      ['sleuth.call.hedges', [6]],
      ['sleuth.call.retries', [5]],
      ['sleuth.dropped', [8, 'handshake']],
      ['sleuth.event.errors', [13]],
      ['sleuth.event.received', [12]],
      ['sleuth.event.sent', [11]],
      ['sleuth.instances', [1, 'foo']],
      ['sleuth.io', [10, 'transmit'], [20, 'receive']],
      ['sleuth.peers', [7]],
      ['sleuth.request.active', [2]],
      ['sleuth.request.refused', [4]],
    ])
    end()
    node.stats = () => assert.fail('it is not asked any more')
    await seen.metrics()
  })
})

import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { SleuthInstrumentation } from '@sleuth/otel'
import { FakeCall, instance } from './fake-call.js'
import { telemetry } from './telemetry.js'

describe('the span of a call', () => {
  let seen: ReturnType<typeof telemetry>
  let instrumentation: SleuthInstrumentation

  beforeEach(() => {
    seen = telemetry()
    instrumentation = new SleuthInstrumentation()
    instrumentation.setTracerProvider(seen.tracerProvider)
    instrumentation.setMeterProvider(seen.meterProvider)
  })
  afterEach(async () => {
    instrumentation.disable()
    await seen.close()
  })

  function only() {
    const [span, ...others] = seen.spans()
    assert.ok(span)
    assert.deepEqual(others, [])
    return span
  }

  it('has what the conventions for HTTP clients ask for', () => {
    new FakeCall().start().attempt({ cause: 'first', outcome: 'answered', status: 200 }).end({ status: 200 })
    const { name, kind, status, attributes, events } = only()
    assert.deepEqual([name, kind, status.code, events], ['GET', SpanKind.CLIENT, SpanStatusCode.UNSET, []])
    assert.deepEqual(attributes, {
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'network.peer.address': '10.0.0.7',
      'network.peer.port': 4567,
      'network.protocol.name': 'sleuth',
      'network.protocol.version': '2',
      'server.address': 'foo',
      'sleuth.attempts': 1,
      'sleuth.instance.id': instance.id,
      'sleuth.instance.name': 'bear',
      'sleuth.service.version': '1.2.3',
      'url.full': 'sleuth://foo/a?b=c',
      'url.scheme': 'sleuth',
    })
  })

  it('names a method that nobody knows HTTP', () => {
    new FakeCall({ method: 'BREW' }).start().end({ status: 418 })
    const { name, attributes } = only()
    assert.equal(name, 'HTTP')
    assert.equal(attributes['http.request.method'], '_OTHER')
    assert.equal(attributes['http.request.method_original'], 'BREW')
  })

  it('has no brackets around an address of IPv6', () => {
    new FakeCall().start().end({ status: 200 }, { instance: { ...instance, endpoint: 'tcp://[fd00::1]:99' } })
    const { attributes } = only()
    assert.deepEqual([attributes['network.peer.address'], attributes['network.peer.port']], ['fd00::1', 99])
  })

  it('is an error from 400 on', () => {
    new FakeCall().start().end({ status: 404 })
    const { status, attributes } = only()
    assert.equal(status.code, SpanStatusCode.ERROR)
    assert.equal(attributes['error.type'], '404')
  })

  for (const [what, error, type] of [
    ['a SleuthError', Object.assign(new Error('late'), { code: 'SLEUTH_TIMEOUT' }), 'SLEUTH_TIMEOUT'],
    ['an error of fetch', new TypeError('failed', { cause: { code: 'SLEUTH_REDIRECT' } }), 'SLEUTH_REDIRECT'],
    ['the reason of an abort', new DOMException('enough', 'AbortError'), 'AbortError'],
    ['anything that was thrown', 'enough', '_OTHER'],
    ['nothing at all', null, '_OTHER'],
  ] as const) {
    it(`tells of ${what}`, () => {
      new FakeCall().start().end({ error }, {})
      const { status, attributes, events } = only()
      assert.equal(status.code, SpanStatusCode.ERROR)
      assert.equal(attributes['error.type'], type)
      assert.deepEqual(
        events.map(({ name }) => name),
        ['exception'],
      )
    })
  }

  it('is the child of the span that is active, and the parent of what the service does', () => {
    const parent = seen.tracerProvider.getTracer('app').startSpan('handler')
    const call = new FakeCall()
    context.with(trace.setSpan(context.active(), parent), () => call.start())
    call.end({ status: 200 })
    const span = only()
    assert.equal(span.parentSpanContext?.spanId, parent.spanContext().spanId)
    const { traceId, spanId } = span.spanContext()
    assert.equal(call.sent.get('traceparent'), `00-${traceId}-${spanId}-01`)
  })

  it('has events for further attempts', () => {
    new FakeCall()
      .start()
      .attempt({ cause: 'first', outcome: 'failed', error: { code: 'SLEUTH_PEER_GONE' } })
      .attempt({ cause: 'retry', outcome: 'answered', status: 200 })
      .end({ status: 200 }, { attempts: 2 })
    const { attributes, events } = only()
    assert.equal(attributes['sleuth.attempts'], 2)
    assert.deepEqual(
      events.map(({ name, attributes: of }) => [
        name,
        of?.['sleuth.attempt.cause'],
        of?.['sleuth.attempt.outcome'],
        of?.['error.type'],
        of?.['sleuth.attempt.duration'],
      ]),
      [
        ['sleuth.attempt', 'first', 'failed', 'SLEUTH_PEER_GONE', 0.005],
        ['sleuth.attempt', 'retry', 'answered', undefined, 0.005],
      ],
    )
  })

  it('has a span below it for each attempt, if asked', () => {
    instrumentation.setConfig({ attempts: true })
    new FakeCall()
      .start()
      .attempt({ cause: 'first', outcome: 'failed', error: { code: 'SLEUTH_PEER_GONE' } })
      .attempt({ cause: 'retry', outcome: 'failed', error: { code: 'SLEUTH_DRAINING' } })
      .attempt({ cause: 'hedge', outcome: 'answered', status: 200 })
      .end({ status: 200 })
    const [first, retry, hedge, call] = seen.spans()
    assert.ok(first && retry && hedge && call)
    assert.deepEqual(call.events, [])
    for (const span of [first, retry, hedge])
      assert.equal(span.parentSpanContext?.spanId, call.spanContext().spanId)
    assert.deepEqual(
      [first, retry, hedge].map(({ attributes, status }) => [
        attributes['http.request.resend_count'],
        status.code,
      ]),
      [
        [undefined, SpanStatusCode.ERROR],
        [1, SpanStatusCode.ERROR],
        [2, SpanStatusCode.UNSET],
      ],
    )
  })

  it('ends also when the instrumentation is disabled before', () => {
    const call = new FakeCall().start()
    instrumentation.disable()
    call.end({ status: 200 })
    assert.equal(only().attributes['http.response.status_code'], 200)
  })

  it('is not made for a call that began before, or while it is disabled', () => {
    instrumentation.disable()
    const before = new FakeCall().start()
    instrumentation.enable()
    instrumentation.enable()
    before.attempt({ cause: 'retry', outcome: 'answered' }).end({ status: 200 })
    instrumentation.disable()
    new FakeCall().start().end({ status: 200 })
    assert.deepEqual(seen.spans(), [])
  })
})

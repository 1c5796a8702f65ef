// OpenTelemetry, with the instrumentations that most programs have.
const { SpanKind, trace } = require('@opentelemetry/api')
const { registerInstrumentations } = require('@opentelemetry/instrumentation')
const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base')
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express')
const { FastifyOtelInstrumentation } = require('@fastify/otel')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { KoaInstrumentation } = require('@opentelemetry/instrumentation-koa')
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici')

const exporter = new InMemorySpanExporter()
const tracerProvider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
tracerProvider.register()
registerInstrumentations({
  tracerProvider,
  instrumentations: [
    new HttpInstrumentation(),
    new ExpressInstrumentation(),
    new KoaInstrumentation(),
    new UndiciInstrumentation(),
    new FastifyOtelInstrumentation({ registerOnInitialization: true }),
  ],
})

globalThis.tool = {
  // What names the two ends of a connection.
  differs: /^(server|client|network\.peer)\.|^user_agent\./,
  identify: (id) => trace.getActiveSpan()?.setAttribute('user', id),
  identity: () => trace.getActiveSpan()?.attributes.user,
  told: () =>
    exporter.getFinishedSpans().map((span) => ({
      id: span.spanContext().spanId,
      parent: span.parentSpanContext?.spanId,
      name: span.name,
      facts: {
        kind: SpanKind[span.kind],
        status: span.status.code,
        events: span.events.map(({ name }) => name).join(),
        ...span.attributes,
      },
    })),
}

// Sentry: transactions, errors, and the isolation scope of each request.
const Sentry = require('@sentry/node')

const spans = []

Sentry.init({
  dsn: 'http://key@127.0.0.1:9/1',
  tracesSampleRate: 1,
  // Spans that are made by OpenTelemetry's API are Sentry's then.
  enableOpenTelemetrySetup: process.env.TOOL_FOR_OTEL === 'true',
  // By default it drops an error that is like the last one.
  integrations: (defaults) => defaults.filter(({ name }) => name !== 'Dedupe'),
  traceLifecycle: 'static',
  // Nothing leaves the process.
  transport: () => ({ send: async () => ({}), flush: async () => true }),
  beforeSendTransaction: (transaction) => {
    note(transaction.contexts.trace, transaction.transaction)
    for (const span of transaction.spans ?? []) note(span, span.description)
    return transaction
  },
  beforeSend: ({ event_id, contexts, exception, request, transaction, ...event }) => {
    const { pathname } = new URL(request.url)
    const error = { span_id: event_id, parent_span_id: contexts.trace.span_id, op: 'error' }
    note(error, exception.values[0].value, { transaction, pathname })
    return { event_id, contexts, exception, request, transaction, ...event }
  },
})

function note({ span_id, parent_span_id, op, origin, status, data }, name, more) {
  spans.push({ id: span_id, parent: parent_span_id, name, facts: { op, origin, status, ...data, ...more } })
}

globalThis.tool = {
  // What names the two ends of a connection.
  differs:
    /^(server|client|net|network)\.|^user_agent\.|^http\.(host|url|user_agent|client_ip|flavor)$|^url(\.full)?$|^http\.request\.header/,
  identify: (id) => Sentry.setUser({ id }),
  identity: () => Sentry.getIsolationScope().getUser()?.id,
  errorsOf: (framework, app) => {
    if (framework === 'express') Sentry.setupExpressErrorHandler(app)
    if (framework === 'koa') Sentry.setupKoaErrorHandler(app)
    if (framework === 'fastify') Sentry.setupFastifyErrorHandler(app)
  },
  told: async () => {
    await Sentry.flush(2_000)
    return spans
  },
}

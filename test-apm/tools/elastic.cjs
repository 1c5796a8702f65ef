// Elastic APM, with a transport that keeps what it would send.
const sent = []
const keep = (record, done) => {
  sent.push(record)
  done?.()
}

const apm = require('elastic-apm-node').start({
  apmServerVersion: '8.10.0',
  centralConfig: false,
  cloudProvider: 'none',
  logLevel: 'off',
  metricsInterval: '0s',
  serviceName: 'test',
  spanStackTraceMinDuration: -1,
  transport: () => ({
    addMetadataFilter: () => {},
    config: () => {},
    destroy: () => {},
    flush: (options, done) => setImmediate(done ?? options),
    lambdaShouldRegisterTransactions: () => false,
    lambdaStart: () => {},
    sendError: keep,
    sendMetricSet: (_record, done) => done?.(),
    sendSpan: keep,
    sendTransaction: keep,
    setExtraMetadata: () => {},
    supportsKeepingUnsampledTransaction: () => false,
  }),
})

globalThis.tool = {
  differs: /^$/,
  identify: (id) => apm.setUserContext({ id }),
  identity: () => apm.currentTransaction?._user?.id,
  told: () =>
    sent.map(({ id, parent_id, name, exception, type, subtype, outcome, result, transaction, context }) => ({
      id,
      parent: parent_id,
      name: name ?? exception.message,
      facts: {
        type,
        subtype,
        outcome,
        result,
        transaction: transaction?.name,
        status: context?.response?.status_code,
        path: context?.request?.url.pathname,
      },
    })),
}

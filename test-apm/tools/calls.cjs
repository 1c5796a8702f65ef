// The calls of sleuth, for a tool that takes part in OpenTelemetry's API.
const { SleuthInstrumentation } = require('@sleuth/otel')

new SleuthInstrumentation()

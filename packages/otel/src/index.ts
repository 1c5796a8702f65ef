export { SleuthInstrumentation, type SleuthInstrumentationConfig } from './instrumentation.js'
export { type Observed, observe } from './observe.js'

import { suite } from './harness/suite.js'

await suite('express', { host: 'node' })

import { useNest11 } from './harness/nest-11.js'

// As in NestJS 12.
const otherwise = ['left to the framework, with a status and headers']

useNest11()
const { suite } = await import('./harness/suite.js')
await suite('express', { host: 'nest-express', otherwise })

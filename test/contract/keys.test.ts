import { suite } from './harness/suite.js'

await suite('fastify', { keys: true })

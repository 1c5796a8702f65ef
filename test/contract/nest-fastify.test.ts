import { suite } from './harness/suite.js'

await suite('fastify', { host: 'nest-fastify' })

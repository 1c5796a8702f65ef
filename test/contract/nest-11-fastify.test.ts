import { useNest11 } from './harness/nest-11.js'

useNest11()
const { suite } = await import('./harness/suite.js')
await suite('fastify', { host: 'nest-fastify' })

import { useNest11 } from '../contract/harness/nest-11.js'

useNest11()
await import('./nest.test.js')
await import('./nest-lifecycle.test.js')
await import('./nest-messages.test.js')

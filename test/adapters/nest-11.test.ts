import { useNest11 } from '../contract/harness/nest-11.js'

useNest11()
await import('./nest.test.js')

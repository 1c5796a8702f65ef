import { countSends } from './counters.js'

countSends()

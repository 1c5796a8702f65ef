import { countCopies } from './counters.js'

countCopies()

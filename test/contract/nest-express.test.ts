import { suite } from './harness/suite.js'

// Nest answers errors by its own filter before Express does.
const otherwise = ['left to the framework, with a status and headers']

await suite('express', { host: 'nest-express', otherwise })

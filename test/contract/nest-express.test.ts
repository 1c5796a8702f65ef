import { suite } from './harness/suite.js'

// Nest answers errors by its own filter before Express does.
const without = ['left to the framework, with a status and headers']

await suite('express', without, 'nest-express')

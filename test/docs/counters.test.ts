import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connections } from '../hostile/attacks/connections.js'
import { datagrams } from '../hostile/attacks/datagrams.js'
import { events } from '../hostile/attacks/events.js'
import { identity } from '../hostile/attacks/identity.js'
import { messages } from '../hostile/attacks/messages.js'
import { questions } from '../hostile/attacks/questions.js'
import { requests } from '../hostile/attacks/requests.js'
import { readPage } from './markdown.js'

test('docs/api.md has every counter by which an attack shows, and docs/errors.md every code', () => {
  const attacks = [
    ...connections,
    ...datagrams,
    ...identity,
    ...events,
    ...messages,
    ...questions,
    ...requests,
  ]
  const names = attacks.flatMap(({ shows, callerShows }) => Object.keys({ ...shows, ...callerShows }))
  const pages = { codes: readPage('docs/errors.md'), reasons: readPage('docs/api.md') }
  const missing = names.filter((name) => {
    const page = name.startsWith('SLEUTH_') ? pages.codes : pages.reasons
    return !page.includes(`\`${name}\``)
  })
  assert.deepEqual(missing, [])
})

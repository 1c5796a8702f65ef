import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ports } from './ports.js'
import { Program } from './program.js'

interface Page {
  author: { name: string }
  comments: { by: string }[]
}

test('three services on three frameworks make one page', async (t) => {
  const start = (name: string) => {
    const program = new Program([`examples/articles/${name}.js`], ports.articles)
    t.after(() => program.kill())
    return program
  }
  const services = ['article-service', 'comment-service', 'author-service'].map(start)
  const client = start('client')

  assert.equal(await client.ends(), 0)
  assert.deepEqual(client.output.trim().split('\n'), [
    'A sleuth is a group of bears, by Ursula Brown',
    '  Baloo: I thought it was a detective.',
    '  Paddington: I have been called both.',
  ])

  // The same pages over HTTP.
  const [articles, comments, authors] = await Promise.all(
    services.map(async (service) => (await service.prints(/is up: (\S+)/))[1]),
  )
  const page = (await (await fetch(`${articles}/articles/2`)).json()) as Page
  assert.equal(page.author.name, 'Björn Arctos')
  assert.deepEqual(
    page.comments.map(({ by }) => by),
    ['Winnie'],
  )
  assert.equal((await fetch(`${articles}/articles/3`)).status, 404)
  assert.deepEqual(await (await fetch(`${comments}/comments?article=3`)).json(), [])
  assert.equal((await fetch(`${authors}/authors/nobody`)).status, 404)

  assert.deepEqual(await Promise.all(services.map((service) => service.stop('SIGINT'))), [0, 0, 0])
})

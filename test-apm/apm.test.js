import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Scene } from './scene.js'
import { sizeOf } from './tree.js'

const tools = ['otel', 'sentry', 'datadog', 'newrelic', 'elastic']
const frameworks = ['bare', 'express', 'koa', 'fastify']

/** The paths that are asked for, and their status. */
const paths = [
  ['/x/7', 200],
  ['/x/7?with=query', 200],
  ['/nowhere', 404],
  ['/boom/7', 500],
]

/** Sentry keeps no transaction of a request that got a 404. */
const isDropped = (tool, status) => tool === 'sentry' && status === 404

for (const tool of tools) {
  for (const framework of frameworks) {
    describe(`${tool} and ${framework}`, { timeout: 90_000 }, () => {
      let scene

      before(async () => {
        scene = await Scene.open([tool], framework)
      })
      after(() => scene?.close())

      for (const [path, status] of paths) {
        test(`${path} has the same spans over sleuth as over HTTP`, async () => {
          const { http, sleuth } = await scene.both(path)
          assert.deepEqual([http.status, sleuth.status], [status, status])
          assert.equal(sizeOf(http.tree) > 0, !isDropped(tool, status), 'the tool sees the request over HTTP')
          assert.deepEqual(sleuth.tree, http.tree)
        })
      }

      test('two requests at a time do not share what belongs to one', async () => {
        const answers = await Promise.all([scene.sleuth('/user/bear'), scene.sleuth('/user/wolf')])
        assert.deepEqual(
          answers.map(({ body }) => body),
          ['bear', 'wolf'],
        )
      })
    })
  }
}

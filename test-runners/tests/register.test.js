import assert from 'node:assert/strict'
import test from 'node:test'
import { mockService } from '@sleuth/testing'
// It joins as soon as it is imported.
import { client } from '../client.js'

test('what joins at its import joins the network of the tests', async () => {
  const mock = await mockService('author-service', 'mocked')
  const response = await client.do('sleuth://author-service/')
  assert.equal(await response.text(), 'mocked')
  await mock.close()
  await client.close()
})

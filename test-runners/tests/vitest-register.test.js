import { mockService } from '@sleuth/testing'
import { expect, test } from 'vitest'
import { client } from '../client.js'

test('what joins at its import joins the network of the set-up file', async () => {
  const mock = await mockService('author-service', 'mocked')
  expect(await (await client.do('sleuth://author-service/')).text()).toBe('mocked')
  await mock.close()
  await client.close()
})

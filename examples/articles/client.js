// @ts-check
import { createSleuth } from '@sleuth/core'
import { network } from '../network.js'

const sleuth = await createSleuth(network)
await sleuth.waitFor(['article-service', 'comment-service', 'author-service'])

const response = await sleuth.do('sleuth://article-service/articles/1')
const { title, author, comments } = /** @type {import('./data.js').Page} */ (await response.json())

console.log(`${title}, by ${author.name}`)
for (const { by, text } of comments) console.log(`  ${by}: ${text}`)
await sleuth.close()

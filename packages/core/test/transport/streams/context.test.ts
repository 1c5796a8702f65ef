import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { it } from 'node:test'
import { WINDOW } from '#src/shared/limits.js'
import { settle } from '../../harness.js'
import { pattern, until, wired } from './harness.js'

/** From Node 24 on `enterWith` holds until the function returns that called it, over HTTP too. */
const [major = 0] = process.versions.node.split('.').map(Number)
const LASTS = major < 24

it('what a handler stores for its request is there wherever the wire calls it again', async () => {
  const storage = new AsyncLocalStorage<string>()
  const noted = new Set<string>()
  const { sleuth } = await wired((req, res) => {
    const url = req.url as string
    storage.enterWith(url)
    const note = (event: string) => () => noted.add(`${event} ${storage.getStore() === url}`)
    req.on('data', note('data')).on('end', note('end'))
    res.on('drain', note('drain')).on('close', note('close'))
    req.on('end', () => res.end(pattern(3 * WINDOW), note('written')))
    while (res.write(pattern(WINDOW)));
  })
  const body = async function* () {
    for (let part = 0; part < 3; part++) {
      yield 'part'
      await settle(2)
    }
  }
  const call = (url: string) => sleuth.request(`sleuth://foo${url}`, { method: 'POST', body: body() })
  const answers = await Promise.all([call('/a'), call('/b')])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  )
  await until(() => [...noted].some((note) => note.startsWith('close')))
  const kept = LASTS ? ['close', 'data', 'drain', 'end', 'written'] : ['drain']
  for (const event of kept) {
    assert.ok(noted.has(`${event} true`), event)
    assert.ok(!noted.has(`${event} false`), event)
  }
})

// Real services, the command `sleuth map`, and a browser.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { openPage, startBrowser } from './browser.js'
import { Network } from './network.js'

const network = new Network(28_741)
let browser
let page
const services = {}

before(async () => {
  for (const name of ['article-service', 'comment-service', 'author-service'])
    services[name] = await network.start(name)
  browser = await startBrowser()
  page = await openPage(browser, await network.map())
})

after(async () => {
  await browser?.close()
  await network.close()
})

const headline = () => page.locator('.headline h2')

test('the table has the three services, each with its instance', async () => {
  for (const name of Object.keys(services)) {
    await page.getByRole('rowheader', { name, exact: true }).waitFor()
    await page.getByRole('link', { name: `${name}-${services[name].pid}` }).waitFor()
  }
  assert.equal(await page.locator('tr.service').count(), 3)
  assert.equal(await page.locator('tr.instance').count(), 3)
})

test('calls are seen: their rate, the times, and those that fail', async () => {
  const { 'article-service': articles } = services
  // They are seen in the figures of the ten seconds after the first sample.
  await page.locator('tr.service', { hasText: 'comment-service' }).getByText('idle').waitFor()
  for (let i = 0; i < 8; i++) {
    assert.deepEqual(await network.call(articles, 'sleuth://comment-service/'), { status: 200 })
    assert.deepEqual(await network.call(articles, 'sleuth://author-service/fail'), { status: 500 })
  }
  await headline()
    .getByText(/^100\s% of calls to author-service fail\.$/)
    .waitFor()
  const comments = page.locator('tr.service', { hasText: 'comment-service' })
  await comments.locator('td[data-title="Failed"]', { hasText: /^0\s%$/ }).waitFor()
  assert.match(await comments.locator('td[data-title^="Slow ("]').textContent(), /^[\d.]+\s(ms|s)$/)
})

test('the graph has three nodes, and lines for the calls', async () => {
  await page.getByRole('link', { name: 'Graph' }).click()
  await page.locator('.node').nth(2).waitFor()
  assert.deepEqual(
    (await page.locator('.node text.name').allTextContents()).sort(),
    Object.keys(services).sort(),
  )
  await page.locator('.call.failed').waitFor()
  assert.equal(await page.locator('.call').count(), 2)
  await page.getByText(/article-service calls comment-service/).waitFor()
})

test('an instance tells of itself', async () => {
  await page.getByRole('link', { name: 'Table' }).click()
  const { pid } = services['article-service']
  await page.getByRole('link', { name: `article-service-${pid}` }).click()
  const drawer = page.getByRole('dialog')
  await drawer.locator('dt', { hasText: 'Process' }).waitFor()
  assert.equal(await drawer.locator('div:has(> dt:text-is("Process")) dd').textContent(), String(pid))
  assert.equal(
    await drawer.locator('div:has(> dt:text-is("comment-service")) dd').first().textContent(),
    '8 calls',
  )
  await drawer.getByRole('heading', { name: 'Connections' }).waitFor()
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })
})

test('one that is killed goes, with its reason, everywhere', async () => {
  const { pid } = services['comment-service']
  services['comment-service'].kill('SIGKILL')
  await once(services['comment-service'], 'exit')
  const row = page.locator('tr.instance.away', { hasText: `comment-service-${pid}` })
  await row.getByText('gone: killed, crashed or cut off').waitFor()
  await page
    .getByText(/All of 1 instance of comment-service have gone: killed, crashed or cut off/)
    .first()
    .waitFor()
  await page.getByRole('link', { name: 'Graph' }).click()
  await page.locator('.node.bad', { hasText: 'comment-service' }).locator('.dot.away').waitFor()
  await page.getByRole('link', { name: 'Timeline' }).click()
  const entry = page.locator('.timeline li', { hasText: `comment-service-${pid}` }).first()
  assert.match(await entry.textContent(), /gone: killed, crashed or cut off/)
})

test('one that comes is there at once', async () => {
  await page.getByRole('link', { name: 'Table' }).click()
  const { pid } = await network.start('comment-service')
  await page.getByRole('link', { name: `comment-service-${pid}` }).waitFor()
  await page.locator('tr.away').waitFor({ state: 'detached' })
})

test('the page wrote no error, and asked nobody but its server', () => page.done())

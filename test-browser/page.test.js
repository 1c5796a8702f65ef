// What everybody needs of the page: colours, keys, small screens, no motion, no script.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openPage, startBrowser, violations } from './browser.js'
import { shop, show } from './scenes.js'

let browser
let scene
let network

before(async () => {
  network = shop()
  scene = await show(network)
  const [gone] = network.of('comment-service')
  network.traffic.push({ from: 'article-service', to: 'comment-service', rate: 2, lost: 1 })
  network.traffic.push({ from: 'web', to: 'search-service', rate: 20, failed: 0.2, ms: 300 })
  network.remove(gone.id, 'lost')
  const [quiet] = network.of('author-service')
  network.errors.set(
    quiet.id,
    Object.assign(new Error('It may not tell.'), { code: 'SLEUTH_INSPECT_REFUSED' }),
  )
  const [unready] = network.of('web')
  Object.assign(unready.instance, { ready: false })
  browser = await startBrowser()
})

after(async () => {
  await browser?.close()
  await scene?.close()
})

/** Each view, and how one knows that it is there with its figures. */
const VIEWS = {
  '#table': '.headline.bad',
  '#graph': '.call.failed text',
  '#timeline': '.timeline .mark.bad',
  drawer: 'dialog h3:has-text("Limits")',
}

async function open(view, options) {
  const [node] = network.of('article-service')
  const hash = view === 'drawer' ? `#table/${node.id}` : view
  const page = await openPage(browser, scene.url + hash, options)
  await page.locator('.headline.bad').waitFor()
  await page.locator(VIEWS[view]).first().waitFor()
  return page
}

for (const view of Object.keys(VIEWS)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${view} in ${colorScheme} has no fault that axe finds`, async () => {
      // Colours that fade in have too little contrast on their way.
      const page = await open(view, { colorScheme, reducedMotion: 'reduce' })
      assert.deepEqual(await violations(page), [])
      await page.done()
    })
  }

  test(`${view} fits into 320 pixels`, async () => {
    const page = await open(view, { viewport: { width: 320, height: 640 } })
    const { scrollWidth } = await page.evaluate(() => ({ scrollWidth: document.documentElement.scrollWidth }))
    assert.equal(scrollWidth, 320)
    assert.deepEqual(await violations(page), [])
    await page.done()
  })
}

describe('keys', () => {
  test('reach everything: the views, the order, the folds, and each instance and back', async () => {
    const page = await open('#table')
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim())
    const walked = []
    for (let i = 0; i < 14; i++) {
      await page.keyboard.press('Tab')
      walked.push(await focused())
    }
    assert.deepEqual(walked.slice(0, 3), ['Table', 'Graph', 'Timeline'])
    assert.deepEqual(
      walked.slice(3, 11).map((text) => text.split(' ')[0]),
      ['Service', 'Instances', 'State', 'Requests', 'Failed', 'Typical', 'Slow', 'Slowest'],
    )
    const [fold, instance] = walked.slice(11)
    assert.match(fold, /-service$/)
    await page.keyboard.press('Shift+Tab')
    assert.equal(await focused(), instance)
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('dialog')
    await drawer.waitFor()
    assert.equal(
      await page.evaluate(() => document.querySelector('dialog').contains(document.activeElement)),
      true,
    )
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    assert.equal(await focused(), instance)
    await page.done()
  })

  test('and the pointer close the drawer, by its button and beside it', async () => {
    const page = await open('drawer')
    const drawer = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Close' }).click()
    await drawer.waitFor({ state: 'detached' })
    await page.locator('tr.instance a').first().click()
    await drawer.waitFor()
    await page.mouse.click(40, 400)
    await drawer.waitFor({ state: 'detached' })
    assert.equal(await page.evaluate(() => location.hash), '#table')
    await page.done()
  })

  test('fold a service, and sort', async () => {
    const page = await open('#table')
    const fold = page.getByRole('button', { name: 'web' })
    assert.equal(await fold.getAttribute('aria-expanded'), 'true')
    await fold.focus()
    await page.keyboard.press('Enter')
    await page.locator('button.fold[aria-expanded=false]').waitFor()
    const sort = page.getByRole('button', { name: 'Service', exact: true })
    await sort.focus()
    await page.keyboard.press('Space')
    await page.locator('th[aria-sort=ascending]', { hasText: 'Service' }).waitFor()
    const names = await page.locator('tr.service th').allTextContents()
    assert.deepEqual(names, [...names].sort())
    await page.done()
  })

  test('choose whose calls the graph shows', async () => {
    const page = await open('#graph')
    await page.getByLabel('Show the calls of').selectOption('search-service')
    const items = page.locator('.calls li')
    await page.locator('.call.faded').first().waitFor()
    assert.equal(await items.count(), 1)
    assert.match(await items.textContent(), /web calls search-service.*fail/)
    await page.done()
  })
})

test('names of any form break nothing: long ones, markup, and those that are written from the right', async () => {
  const strange = shop()
  const names = [
    'x'.repeat(255),
    '<img src=x onerror=alert(1)>',
    '\u202Eevil',
    '__proto__',
    'constructor',
    '🐻'.repeat(60),
  ]
  for (const name of names) {
    strange.add(name, `${name}-1.0.0`)
    strange.traffic.push({ from: 'web', to: name, rate: 3, failed: 0.5 })
  }
  const own = await show(strange)
  const page = await openPage(browser, own.url, { viewport: { width: 320, height: 640 } })
  await page.locator('.headline.bad').waitFor()
  for (const view of ['table', 'graph', 'timeline']) {
    await page.evaluate((hash) => {
      location.hash = hash
    }, view)
    await page
      .locator(view === 'graph' ? '.node' : view === 'table' ? 'tr.service' : '.timeline')
      .first()
      .waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, view)
    assert.equal(await page.locator('img[src=x]').count(), 0)
  }
  await page.evaluate(() => {
    location.hash = 'graph'
  })
  await page.locator('.node').nth(10).waitFor()
  await page.done()
  await own.close()
})

describe('motion', () => {
  /** How often each node of the graph got a place. */
  async function placed(reducedMotion) {
    const page = await openPage(browser, `${scene.url}#timeline`, { reducedMotion })
    await page.evaluate(() => {
      window.placed = {}
      new MutationObserver((records) => {
        for (const { target } of records) {
          if (target.matches('.node'))
            window.placed[target.dataset.key] = (window.placed[target.dataset.key] ?? 0) + 1
        }
      }).observe(document, { subtree: true, attributes: true, attributeFilter: ['transform'] })
    })
    await page.locator('.headline.bad').waitFor()
    await page.getByRole('link', { name: 'Graph' }).click()
    await page.waitForFunction(() => {
      const nodes = [...document.querySelectorAll('.node')]
      return nodes.length > 0 && nodes.every((node) => node.hasAttribute('transform'))
    })
    await page.locator('.call.failed text').first().waitFor()
    const counts = Object.values(await page.evaluate(() => window.placed))
    await page.done()
    return counts
  }

  test('is not there for those who asked for none: each node is put where it stays', async () => {
    assert.deepEqual(new Set(await placed('reduce')), new Set([1]))
  })

  test('is there for others', async () => {
    assert.ok(Math.max(...(await placed('no-preference'))) > 3)
  })
})

describe('without a script', () => {
  test('the page lists services and instances', async () => {
    const page = await openPage(browser, scene.url, { javaScriptEnabled: false })
    const text = await page.locator('noscript main').first().textContent()
    assert.match(text, /comment-service: 1 of 4 gone/)
    assert.match(text, /2\.3\.0/)
    await page.done()
  })
})

describe('colour', () => {
  test('is never the only sign: each level has a shape and words', async () => {
    const page = await open('#table')
    for (const level of ['good', 'none', 'note', 'bad'])
      await page.locator(`tbody .mark.${level}`).first().waitFor()
    const marks = await page
      .locator('tbody .state')
      .evaluateAll((states) =>
        states.map((state) => [
          state.querySelector('.mark').classList[1],
          state.querySelector('path').getAttribute('d'),
          state.textContent.trim(),
        ]),
      )
    const shapes = new Map(marks.map(([level, shape]) => [level, shape]))
    assert.equal(shapes.size, 4)
    assert.equal(new Set(shapes.values()).size, shapes.size)
    for (const [, , words] of marks) assert.ok(words.length > 1)
    await page.done()
  })
})

test('a map that is gone is said to be, and comes back by itself', async () => {
  const own = await show(shop())
  const port = Number(new URL(own.url).port)
  const page = await openPage(browser, own.url)
  await page.getByText('Live', { exact: true }).waitFor()
  await own.close()
  await page.getByText(/^The map does not answer: this is how it was at .* Trying again/).waitFor()
  const again = await show(shop(), { port })
  await page.getByText('Live', { exact: true }).waitFor()
  await again.close()
  await page.context().close()
})

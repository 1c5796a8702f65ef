// 50 services with 4 instances each, of which every one calls 20: what is counted is the work of the page.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openPage, startBrowser, violations } from './browser.js'
import { crowd, show } from './scenes.js'

let browser
let scene

before(async () => {
  scene = await show(crowd())
  browser = await startBrowser()
})

after(async () => {
  await browser?.close()
  await scene?.close()
})

/** What the document changes with each of the next five patches. */
function countWork(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const patches = []
        const nothing = { texts: 0, attributes: 0, places: 0, elements: 0, listed: 0 }
        let current = { ...nothing }
        new MutationObserver((records) => {
          for (const { type, target, attributeName, addedNodes, removedNodes } of records) {
            if (type === 'characterData') current.texts += 1
            else if (type === 'childList') {
              current[target.matches('.calls') ? 'listed' : 'elements'] +=
                addedNodes.length + removedNodes.length
            } else if (attributeName === 'transform' || attributeName === 'd') current.places += 1
            else current.attributes += 1
          }
        }).observe(document.body, { subtree: true, attributes: true, childList: true, characterData: true })
        const events = new EventSource('events')
        events.addEventListener('patch', () => {
          patches.push(current)
          current = { ...nothing }
          if (patches.length < 6) return
          events.close()
          resolve(patches.slice(1))
        })
      }),
  )
}

test('the table changes numbers, and makes no row anew', async () => {
  const page = await openPage(browser, scene.url)
  await page.locator('.headline.good').waitFor()
  await page.getByText(/^All is well: 200 instances of 50 services answer/).waitFor()
  await page.waitForFunction(() => document.querySelectorAll('.spark polyline').length === 50)
  for (const { texts, attributes, places, elements } of await countWork(page)) {
    assert.equal(elements, 0)
    assert.equal(places, 0)
    assert.ok(texts + attributes <= 50 * 6 + 20, `${texts} texts, ${attributes} attributes`)
  }
  await page.done()
})

test('the graph stands still when only figures change, and draws calls that work as one shape', async () => {
  const page = await openPage(browser, `${scene.url}#graph`)
  await page.locator('path.crowd[d]').waitFor({ state: 'attached' })
  // Until it has found its places.
  await page.waitForFunction(
    () => {
      const places = [...document.querySelectorAll('.node')]
        .map((node) => node.getAttribute('transform'))
        .join()
      const still = places === window.places && !places.includes('null')
      window.places = places
      return still
    },
    null,
    { polling: 500 },
  )
  for (const { places, elements, listed } of await countWork(page)) {
    assert.deepEqual({ places, elements }, { places: 0, elements: 0 })
    // The list below has the 50 that are called most: each may go, and another come, once.
    assert.ok(listed <= 100, `${listed} changes of the list`)
  }
  assert.equal(await page.locator('.node').count(), 50)
  assert.ok((await page.locator('svg.graph *').count()) < 1000)
  const overlaps = await page.locator('.node rect').evaluateAll((nodes) => {
    const boxes = nodes.map((node) => node.getBoundingClientRect())
    return boxes.flatMap((a, i) =>
      boxes
        .slice(i + 1)
        .filter(
          (b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1,
        ),
    ).length
  })
  assert.equal(overlaps, 0)
  assert.deepEqual(await violations(page), [])
  await page.done()
})

test('all of it unfolded fits into 320 pixels', async () => {
  const page = await openPage(browser, scene.url, { viewport: { width: 320, height: 640 } })
  await page.locator('.headline.good').waitFor()
  for (const fold of await page.locator('.fold').all()) await fold.click()
  await page.waitForFunction(() => document.querySelectorAll('tr.instance').length === 200)
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320)
  await page.done()
})

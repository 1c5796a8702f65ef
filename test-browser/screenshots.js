// Makes the pictures in docs/images, of real services: one of them has been killed, and another one fails at times.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createSleuth } from '@sleuth/core'
import { openPage, startBrowser } from './browser.js'
import { Network } from './network.js'

const PORT = 28_761
const images = fileURLToPath(new URL('../docs/images/', import.meta.url))
const env = { ...process.env, SLEUTH_INTERFACE: 'loopback', SLEUTH_PORT: String(PORT) }

const SHOP = {
  web: [2, 'article-service', 'search-service'],
  'article-service': [2, 'comment-service', 'author-service'],
  'comment-service': [4, 'author-service'],
  'author-service': [2],
  'search-service': [2, 'fails=4'],
}

/** The page down to the end of an element. */
async function picture(page, name, last, below) {
  await page.mouse.move(0, 0)
  const box = await page.locator(last).boundingBox()
  const clip = {
    x: 0,
    y: 0,
    width: page.viewportSize().width,
    height: Math.round(box.y + box.height + below),
  }
  const png = await page.screenshot({ clip })
  writeFileSync(`${images}${name}.webp`, await webp(page.context().browser(), png))
}

/** A WebP takes half of what a PNG does. The browser makes it. */
async function webp(browser, png) {
  const page = await browser.newPage()
  const url = await page.evaluate(
    async (source) => {
      const image = new Image()
      image.src = source
      await image.decode()
      const canvas = Object.assign(document.createElement('canvas'), {
        width: image.width,
        height: image.height,
      })
      canvas.getContext('2d').drawImage(image, 0, 0)
      return canvas.toDataURL('image/webp', 0.9)
    },
    `data:image/png;base64,${png.toString('base64')}`,
  )
  await page.close()
  return Buffer.from(url.split(',')[1], 'base64')
}

const children = []
for (const [service, [instances, ...others]] of Object.entries(SHOP)) {
  for (let i = 1; i <= instances; i++) {
    const name = `${service.replace('-service', '')}-${i}`
    const child = fork(fileURLToPath(new URL('shop.js', import.meta.url)), [service, name, ...others], {
      env,
    })
    children.push({ child, name })
  }
}
await Promise.all(children.map(({ child }) => once(child, 'message')))

const browser = await startBrowser()
const network = new Network(PORT)
const client = await createSleuth({ interface: 'loopback', port: PORT, name: 'browsers' })
await client.waitFor(Object.keys(SHOP))
const load = setInterval(() => client.request('sleuth://web/').catch(() => {}), 40)

try {
  const url = await network.map()
  mkdirSync(images, { recursive: true })
  const pages = {}
  for (const colorScheme of ['light', 'dark']) {
    pages[colorScheme] = await openPage(browser, url, { colorScheme, viewport: { width: 1100, height: 900 } })
    await pages[colorScheme].locator('.headline.good, .headline.note').waitFor()
  }
  const [{ child }] = children.filter(({ name }) => name === 'comment-2')
  child.kill('SIGKILL')
  for (const [colorScheme, page] of Object.entries(pages)) {
    await page.locator('.headline.bad').waitFor()
    // The line of each rate has to be as long as it will be.
    await page.waitForFunction(
      () => {
        const [line] = document.querySelectorAll('.spark polyline')
        return line !== undefined && line.getAttribute('points').split(' ').length >= 60
      },
      null,
      { timeout: 120_000 },
    )
    for (const fold of await page.locator('.fold').all()) {
      if ((await fold.textContent()) !== 'comment-service') await fold.click()
    }
    await picture(page, `map-table-${colorScheme}`, 'tbody:last-of-type', 16)
    await page.getByRole('link', { name: 'Graph' }).click()
    await page.locator('.call text').first().waitFor()
    await page.waitForFunction(
      () => {
        const places = [...document.querySelectorAll('.node')]
          .map((node) => node.getAttribute('transform'))
          .join()
        const still = places === window.places
        window.places = places
        return still
      },
      null,
      { polling: 500 },
    )
    await picture(page, `map-graph-${colorScheme}`, '.calls li:nth-child(3)', 0)
    await page.done()
  }
} finally {
  clearInterval(load)
  await browser.close()
  await client.close()
  await network.close()
  for (const { child } of children) child.kill()
}

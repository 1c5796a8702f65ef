import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Chromium of this machine: `CHROMIUM` names it, or it is where Debian, Ubuntu and Google put it. */
export function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path))
  if (executablePath === undefined) {
    throw new Error('there is no Chromium: run test-browser/setup.sh, or set CHROMIUM to its path')
  }
  // The sandbox does not work as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args })
}

/** Opens a page, and keeps what it must not do: write errors, break its policy, ask anyone but its own server. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1180, height: 760 }, ...options })
  const page = await context.newPage()
  const faults = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL('/', url).href)) faults.push(`asked ${request.url()}`)
  })
  await page.goto(url)
  return Object.assign(page, {
    /** Closes it, and fails if it did any of this. */
    async done() {
      await context.close()
      assert.deepEqual(faults, [])
    },
  })
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong with a page: the rule and the elements. */
export async function violations(page) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate('axe.run()')
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(' | ')}`,
  )
}

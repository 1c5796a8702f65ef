import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Chromium of this machine: `CHROMIUM` names it, or it is where Debian, Ubuntu and Google put it. */
export function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path))
  if (executablePath === undefined)
    throw new Error('There is no Chromium. Run test-browser/setup.sh, or set CHROMIUM to its path.')
  // The sandbox does not work as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args })
}

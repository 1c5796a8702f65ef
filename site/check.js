// Fails if a built page loads anything from elsewhere. VitePress itself fails on a link between pages that leads nowhere.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const build = join(import.meta.dirname, 'build')
const files = readdirSync(build, { recursive: true }).map(String)
const html = files.filter((file) => file.endsWith('.html'))
const css = files.filter((file) => file.endsWith('.css'))
const faults = []

for (const file of html) {
  for (const [tag] of readFileSync(join(build, file), 'utf8').matchAll(
    /<(?:script|link|img|source|iframe)\b[^>]*>/g,
  )) {
    if (/(?:src|href|srcset)="(?:https?:)?\/\//.test(tag)) faults.push(`${file}: ${tag}`)
  }
}
for (const file of css) {
  for (const [url] of readFileSync(join(build, file), 'utf8').matchAll(
    /url\((?:['"])?(?:https?:)?\/\/[^)]*\)/g,
  )) {
    faults.push(`${file}: ${url}`)
  }
}
if (html.length < 20) faults.push(`only ${html.length} pages were built`)
if (faults.length > 0) {
  console.error(`The site loads from elsewhere:\n${faults.join('\n')}`)
  process.exit(1)
}
console.log(`${html.length} pages, nothing from elsewhere`)

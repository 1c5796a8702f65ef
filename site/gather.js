// Copies the pages of docs/ to pages/, where VitePress reads them. A link to a file that the site does not have, such as an
// example, leads to the repository.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const site = import.meta.dirname
const root = join(site, '..')
const docs = join(root, 'docs')
const pages = join(site, 'pages')
const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const source = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/main`

rmSync(pages, { recursive: true, force: true })
cpSync(docs, pages, { recursive: true })
cpSync(join(site, 'start'), pages, { recursive: true })

// The start page shows the program that README.md begins with, which a test runs.
const [program] = readFileSync(join(root, 'README.md'), 'utf8').match(/^```js\n.*?^```$/ms)
const start = join(pages, 'index.md')
writeFileSync(
  start,
  readFileSync(start, 'utf8').replace('<!-- the first program of README.md -->', () => program),
)

for (const name of readdirSync(pages).filter((file) => file.endsWith('.md'))) {
  const file = join(pages, name)
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(/\]\((\.\.\/[^)]*)\)/g, (_all, link) => `](${target(link)})`),
  )
}

function target(link) {
  return `${source}/${relative(root, join(docs, link)).replaceAll('\\', '/')}`
}

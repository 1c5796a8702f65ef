import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitepress'

const site = join(import.meta.dirname, '..')
const { repository } = JSON.parse(readFileSync(join(site, '../package.json'), 'utf8'))
const reference = join(site, 'pages/reference/typedoc-sidebar.json')

const guides = [
  {
    text: 'Begin',
    items: [
      page('Five minutes', 'start'),
      page('Frameworks', 'frameworks'),
      page('Typed clients', 'typed-clients'),
      page('Testing', 'testing'),
      page('Coming from HTTP, cote, Moleculer', 'migrating'),
    ],
  },
  {
    text: 'Calling',
    items: [
      page('API', 'api'),
      page('Which instance', 'routing'),
      page('When things go wrong', 'reliability'),
      page('Events', 'events'),
      page('Errors', 'errors'),
    ],
  },
  {
    text: 'Running',
    items: [
      page('Installing', 'installing'),
      page('Networks', 'discovery'),
      page('Security', 'security'),
      page('Deployment', 'deploy'),
      page('Observability', 'observability'),
      page('The command line', 'cli'),
      page("It doesn't work", 'troubleshooting'),
      page('Performance', 'performance'),
    ],
  },
  {
    text: 'Inside',
    items: [page('Architecture', 'architecture'), page('Protocol', 'protocol'), page('@sleuth/zre', 'zre')],
  },
]
for (const group of guides) {
  for (const { text, link } of group.items) {
    if (!existsSync(join(site, `pages${link}.md`)))
      throw new Error(`The page "${text}" is missing: docs${link}.md`)
  }
}

export default defineConfig({
  title: 'Sleuth',
  description: 'HTTP services that find each other on the network and call each other by name',
  lang: 'en',
  srcDir: 'pages',
  outDir: 'build',
  cleanUrls: true,
  // The pages have HTML comments and generic types in their text.
  markdown: { html: true, languageAlias: { mjs: 'js' } },
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Guide', link: '/start' },
      { text: 'API', link: '/api' },
      { text: 'Reference', link: '/reference/' },
    ],
    sidebar: {
      '/reference/': existsSync(reference) ? JSON.parse(readFileSync(reference, 'utf8')) : [],
      '/': guides,
    },
    outline: { level: [2, 3] },
    socialLinks: [{ icon: 'github', link: repository.url.replace(/^git\+|\.git$/g, '') }],
    docFooter: { prev: false, next: false },
  },
})

function page(text, name) {
  return { text, link: `/${name}` }
}

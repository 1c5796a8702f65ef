import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Block, blocks, pages, root } from './markdown.js'

/** What a block leaves out since the text around it tells: `<!-- with: … -->`. */
const contexts: Record<string, string> = {
  sleuth: `declare const sleuth: import('@sleuth/core').Sleuth`,
  node: `declare const node: import('@sleuth/zre').ZreNode`,
  'fastify app': `import Fastify from 'fastify'\nimport '@sleuth/fastify'\nconst app = Fastify()`,
  // Of the libraries that docs/migrating.md leaves, only the shape of a call matters.
  cote: 'declare const cote: any',
  Moleculer: 'declare const broker: any',
  'express app': `import express from 'express'\nimport sleuth from '@sleuth/express'\nconst app = express()`,
}

/** A block that has become a file. */
export interface Snippet extends Block {
  readonly file: string
}

/** Where the compiler writes a block of TypeScript, so that it runs. */
export function compiled({ file }: Snippet): string {
  return file.endsWith('.ts') ? join(folder, 'out', basename(file, '.ts').concat('.js')) : file
}

/** Within the tests' own build, so that packages are found from there. */
export const folder = join(root, 'test/build/snippets')

/** Writes every block of JavaScript and TypeScript in the docs to a file of its own. */
export function writeSnippets(): Snippet[] {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  const code = pages()
    .flatMap(blocks)
    .filter(({ language }) => language === 'js' || language === 'ts')
  return code.map((block) => {
    const file = join(folder, block.where.replace(/[^\w]+/g, '-') + extensionOf(block))
    const context = /^with: (.+)$/.exec(block.note)?.[1]
    const before = context === undefined ? '' : contextNamed(context, block)
    writeFileSync(file, `${before}${block.code}${block.note === 'commonjs' ? '' : 'export {}\n'}`)
    return { ...block, file }
  })
}

function extensionOf({ language, note }: Block): string {
  return note === 'commonjs' ? '.cjs' : `.${language}`
}

function contextNamed(name: string, { where }: Block): string {
  const context = contexts[name]
  if (context === undefined) throw new Error(`${where}: there is no context "${name}"`)
  return `${context}\n`
}

const tsconfig = {
  extends: '../../../tsconfig.base.json',
  compilerOptions: {
    rootDir: '.',
    outDir: 'out',
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    allowJs: true,
    checkJs: true,
  },
  include: ['*'],
  exclude: ['out'],
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A fenced block of code. */
export interface Block {
  /** `README.md:12` */
  readonly where: string
  readonly language: string
  /** What the HTML comment right above it says, which readers do not see. */
  readonly note: string
  readonly code: string
}

/** Every page that a user or a contributor reads, by its path from the root. */
export function pages(): string[] {
  const within = (folder: string) => readdirSync(join(root, folder)).map((name) => join(folder, name))
  const markdown = (paths: string[]) => paths.filter((path) => path.endsWith('.md'))
  const folders = ['', 'docs', 'examples', ...within('packages'), ...within('examples').filter(isFolder)]
  return folders.flatMap((folder) => markdown(within(folder))).sort()
}

export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

const fence = /^(?:<!-- ([^\n]+) -->\n)?```(\w*)\n(.*?)^```$/gms

export function blocks(page: string): Block[] {
  const text = readPage(page)
  return Array.from(
    text.matchAll(fence),
    ({ 0: all, 1: note = '', 2: language = '', 3: code = '', index }) => ({
      where: `${page}:${lineOf(text, index + all.indexOf('```'))}`,
      language,
      note,
      code,
    }),
  )
}

export function withoutBlocks(text: string): string {
  return text.replace(fence, '')
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(page: string): Set<string> {
  const headings = withoutBlocks(readPage(page)).matchAll(/^#+ (.+)$/gm)
  return new Set(
    Array.from(headings, ([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

function isFolder(path: string): boolean {
  return !/\.\w+$/.test(path)
}

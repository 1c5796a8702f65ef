import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript-oldest'
import { root, sources } from './workspace.js'

/** A regular expression in the sources, and where it stands. */
export interface Found {
  readonly regexp: RegExp
  readonly where: string
}

/** Every regular expression in the sources of a package. One that is made of strings can't be found, and is an error. */
export async function regexpsOf(name: string): Promise<Found[]> {
  const found: Found[] = []
  for (const file of await sources(name)) {
    const code = await readFile(join(root, 'packages', name, 'src', file), 'utf8')
    found.push(...regexpsIn(code, `${name}/${file}`))
  }
  return found
}

export function regexpsIn(code: string, file: string): Found[] {
  const found: Found[] = []
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest)
  const visit = (node: ts.Node) => {
    const where = `${file}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`
    if (ts.isRegularExpressionLiteral(node)) {
      const [, pattern = '', flags = ''] = /^\/(.*)\/([a-z]*)$/.exec(node.getText(source)) ?? []
      found.push({ regexp: new RegExp(pattern, flags), where })
    }
    if (ts.isIdentifier(node) && node.text === 'RegExp') throw new Error(`${where} makes one of strings`)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

export const root = fileURLToPath(new URL('../../..', import.meta.url))
export const folder = join(root, 'examples/deploy')

// biome-ignore lint/suspicious/noExplicitAny: what a file says is what the tests find out
export type Any = any

/** The documents of a file of YAML. Throws for what is not well formed, and for a key that comes twice. */
export function readYaml(file: string): Any[] {
  return parseAllDocuments(readFileSync(join(folder, file), 'utf8'), { merge: true }).map((document) => {
    const [problem] = [...document.errors, ...document.warnings]
    if (problem !== undefined) throw problem
    return document.toJS()
  })
}

/** The files of a folder of the examples. */
export function filesIn(name: string): string[] {
  return readdirSync(join(folder, name)).map((file) => `${name}/${file}`)
}

/** A file of `NAME=value`, as systemd reads it. */
export function readEnvironment(file: string): Record<string, string> {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n')
  const entries = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    entries.map((line) => {
      const [, name = '', quoted, plain = ''] = /^(\w+)=(?:'(.*)'|(\S*))$/.exec(line) ?? []
      if (name === '') throw new Error(`${file}: ${line}`)
      return [name, quoted ?? plain]
    }),
  )
}

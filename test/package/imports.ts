import { readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { root, sources } from './workspace.js'

/** One import: from a file of a package, to a file of the same package or to a module of another. */
export interface Edge {
  readonly from: string
  readonly to: string
  readonly own: boolean
}

const comment = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm
const statement = /^(?:import|export)\s(?:[^'"=(]*?\sfrom\s)?'([^']+)'/gm
const dynamic = /\bimport\('([^']+)'\)/g

/** Every import in the sources of a package, of types too. */
export async function importsOf(name: string): Promise<Edge[]> {
  const edges: Edge[] = []
  for (const from of await sources(name)) {
    const code = (await readFile(join(root, 'packages', name, 'src', from), 'utf8')).replace(comment, '')
    for (const [, module] of [...code.matchAll(statement), ...code.matchAll(dynamic)]) {
      if (module === undefined) continue
      const own = module.startsWith('.')
      const to = own ? normalize(join(dirname(from), module)).replace(/\.js$/, '.ts') : module
      edges.push({ from, to, own })
    }
  }
  return edges
}

/** A chain of files that import each other in a circle, if there is one. */
export function findCycle(edges: readonly Edge[]): string[] | undefined {
  const next = new Map<string, string[]>()
  for (const { from, to, own } of edges) if (own) next.set(from, [...(next.get(from) ?? []), to])
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const target of next.get(file) ?? []) {
      const cycle = visit(target, [...path, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of next.keys()) {
    const cycle = visit(file, [])
    if (cycle) return cycle
  }
  return undefined
}

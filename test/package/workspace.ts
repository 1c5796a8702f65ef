import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The top of the repository, seen from test/build/package. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Packages that programs import, in the order in which they depend on each other. */
export const libraries = [
  'zre',
  'core',
  'fastify',
  'express',
  'koa',
  'node',
  'hono',
  'nest',
  'otel',
  'testing',
] as const

/** Every package. The last one is a program. */
export const packages = [...libraries, 'create-sleuth', 'cli'] as const

export const run = promisify(execFile)

export function bin(name: string): string {
  return join(root, 'node_modules', '.bin', name)
}

export interface Manifest {
  name: string
  version: string
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

export async function manifest(name: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, 'packages', name, 'package.json'), 'utf8')) as Manifest
}

/** The sources of a package, as paths within its src. */
export async function sources(name: string): Promise<string[]> {
  const entries = await readdir(join(root, 'packages', name, 'src'), { recursive: true })
  return entries.filter((entry) => entry.endsWith('.ts'))
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the three apps answer with, so that the cases can know it. */

export const text = 'Call me Ishmael. '.repeat(300)
export const unicode = 'naïve café ✓ 你好 🚀'
export const binary = Buffer.from(Array.from({ length: 1024 }, (_, index) => (index * 7) % 256))
export const mebibyte = Buffer.alloc(1024 * 1024, 'sleuth\n')
export const digits = '0123456789'.repeat(10)

/** An error whose stack is the same whoever called, because development error pages print it. */
export function boom(message = 'boom', more: object = {}): Error {
  const error = new Error(message)
  error.stack = `Error: ${message}\n    at nowhere`
  return Object.assign(error, more)
}

/** What an app that limits, counts or logs goes by: each run of a case is a client of its own. */
export const clientHeader = 'x-client'

/** A directory of static files. */
export async function makeSite(): Promise<{ root: string; remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'sleuth-site-'))
  await mkdir(join(root, 'sub'))
  await Promise.all([
    writeFile(join(root, 'index.html'), '<!doctype html><title>home</title>\n'),
    writeFile(join(root, 'sub', 'index.html'), '<!doctype html><title>sub</title>\n'),
    writeFile(join(root, 'digits.txt'), digits),
    writeFile(join(root, 'data.json'), '{"data":true}\n'),
    writeFile(join(root, 'empty.txt'), ''),
    writeFile(join(root, 'with space.txt'), 'a name with a space\n'),
    writeFile(join(root, 'ünïcode.txt'), 'a name beyond ASCII\n'),
    writeFile(join(root, '.hidden'), 'hidden\n'),
    writeFile(join(root, 'big.bin'), mebibyte),
  ])
  return { root, remove: () => rm(root, { recursive: true }) }
}

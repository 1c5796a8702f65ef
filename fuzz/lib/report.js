import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync, writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL('../found/', import.meta.url)

/** Writes an input to a file that `npm run fuzz -- replay` takes. By its name the target is known. */
export function report(name, bytes, error) {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  const file = fileURLToPath(new URL(`${name}-${hash}`, folder))
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, bytes)
  // A thread that watches has no console of its own while the main one is busy.
  writeSync(1, `\n${name}: ${error?.stack ?? error}\n  npm run fuzz -- replay ${file}\n`)
}

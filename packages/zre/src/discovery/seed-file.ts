import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { type LineSeed, parseSeed } from './seed.js'

/** The largest file that is read, in bytes, */
const MAX_BYTES = 64 * 1024
/** and the most seeds in it. */
const MAX_SEEDS = 1024

export interface SeedLines {
  readonly seeds: readonly LineSeed[]
  /** What is wrong with lines that are none: the number of a line, and the end of a sentence. */
  readonly faults: readonly { readonly line: number; readonly problem: string }[]
}

/** A seed in each line. Lines that are empty, or begin with "#", are for people. */
export function parseSeedLines(text: string): SeedLines {
  const seeds: LineSeed[] = []
  const faults: { line: number; problem: string }[] = []
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const seed = parseSeed(line)
    if (typeof seed === 'string') faults.push({ line: at + 1, problem: seed })
    else if (seed.kind === 'file') faults.push({ line: at + 1, problem: 'must not be another file' })
    else if (seeds.length < MAX_SEEDS) seeds.push(seed)
    else faults.push({ line: at + 1, problem: `is one too many: a file has at most ${MAX_SEEDS} seeds` })
  }
  return { seeds, faults }
}

/** Rejects when there is no such file, it is none (a FIFO would hold the reader), or it is too large. */
export async function readSeedFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${path} is no file`)
    const buffer = Buffer.alloc(MAX_BYTES + 1)
    let size = 0
    for (;;) {
      const { bytesRead } = await file.read(buffer, size, buffer.length - size)
      if (bytesRead === 0) break
      size += bytesRead
    }
    if (size > MAX_BYTES) throw new Error(`${path} has more than ${MAX_BYTES} bytes`)
    return buffer.toString('utf8', 0, size)
  } finally {
    await file.close()
  }
}

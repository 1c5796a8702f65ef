import { constants } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ZreError } from '../error.js'
import { isPublicKey, type PublicKey } from '../wire/key.js'

/** More are taken for a mistake, such as the path of a log. */
const MAX_BYTES = 16 * 1024 * 1024

/** The keys in a file, or in the files of a directory, whichever is there. Rejects with a `ZreError` that says where it is wrong. */
export async function readKeys(path: string): Promise<Set<PublicKey>> {
  try {
    const keys = new Set<PublicKey>()
    for (const file of await filesOf(path)) {
      for (const key of parseKeys(await textOf(file), file)) keys.add(key)
    }
    return keys
  } catch (error) {
    throw error instanceof ZreError ? error : unusable(path, (error as Error).message, error)
  }
}

/** `O_NONBLOCK`: to open a FIFO would wait for whoever writes to it, perhaps for ever. */
async function textOf(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw unusable(file, `${file} is neither a file nor a directory`)
    if (stats.size > MAX_BYTES) throw unusable(file, `${file} is too large for a list of keys`)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

/** Hidden files are left out: editors and mounted volumes keep theirs there. */
async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const entries = (await readdir(path))
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(path, name))
  const files: string[] = []
  for (const entry of entries) if ((await stat(entry)).isFile()) files.push(entry)
  return files
}

/**
 * One key in a line; what follows after a space is for people. No key begins with `#`, so that comments can. Of a
 * certificate of CZMQ the public key counts.
 */
export function parseKeys(text: string, file: string): PublicKey[] {
  const logLimiter = text.split(/\r?\n/).map((line) => line.trim())
  if (logLimiter.includes('curve')) return [keyOfCertificate(logLimiter, file)]
  return logLimiter.flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return []
    const [key = ''] = line.split(/\s/, 1)
    if (isPublicKey(key)) return key
    throw unusable(file, `line ${index + 1} of ${file} is no public key (40 characters of Z85)`)
  })
}

function keyOfCertificate(logLimiter: readonly string[], file: string): PublicKey {
  for (const line of logLimiter) {
    const [, key] = /^public-key\s*=\s*"([^"]*)"$/.exec(line) ?? []
    if (key !== undefined && isPublicKey(key)) return key
  }
  throw unusable(file, `${file} is a certificate without a public key`)
}

/** What `security.allow` names can't be used. */
export function unusable(what: string, problem: string, cause?: unknown): ZreError {
  const message = `security.allow (${what}) can't be used: ${problem}`
  return new ZreError('ZRE_ALLOW', message, cause === undefined ? undefined : { cause })
}

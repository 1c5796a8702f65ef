import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { Security } from '@sleuth/core'
import { UsageError } from '../usage-error.js'

/** The lines of a file of keys, which `node --env-file` reads as well. */
export const names = {
  publicKey: 'SLEUTH_PUBLIC_KEY',
  secretKey: 'SLEUTH_SECRET_KEY',
  allow: 'SLEUTH_ALLOW',
} as const

/**
 * Reads a file of keys, as `sleuth keys generate` writes it: a pair of keys, and where the list of allowed keys is, which is
 * relative to the file. Whether the keys are valid is for the library to say.
 */
export async function securityOf(file: string, option = '--keys'): Promise<Security> {
  const values = await readEnv(file, option)
  const { [names.publicKey]: publicKey, [names.secretKey]: secretKey, [names.allow]: allow } = values
  for (const name of Object.values(names)) {
    if (!values[name]) throw new UsageError(`${option} ${file} has no line ${name}: see "sleuth keys --help"`)
  }
  return {
    publicKey: publicKey as string,
    secretKey: secretKey as string,
    allow: resolve(dirname(file), allow as string),
  }
}

async function readEnv(file: string, option: string): Promise<Record<string, string | undefined>> {
  try {
    return parseEnv(await readFile(file, 'utf8')) as Record<string, string | undefined>
  } catch (error) {
    throw new UsageError(`${option} ${file} can't be read: ${(error as Error).message}`)
  }
}

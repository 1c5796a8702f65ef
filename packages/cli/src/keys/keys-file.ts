import { stat, writeFile } from 'node:fs/promises'
import type { KeyPair } from '@sleuth/core'
import { names } from './security.js'

/**
 * The text of a file of keys: lines that a shell, `node --env-file` and systemd read as environment variables. A key has no quotes
 * and no backslash.
 */
export function keysText({ publicKey, secretKey }: KeyPair, allow: string): string {
  return `# Keys of sleuth. Whoever has this file can join the network. Lists of allowed keys take the public key.
${names.publicKey}='${publicKey}'
${names.secretKey}='${secretKey}'
# Who is let in, relative to this file.
${names.allow}='${allow}'
`
}

/** A file that is there is not replaced: its keys would be lost. */
export async function writeKeys(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'EEXIST' ? 'it is there already, and its keys would be lost' : message
    throw Object.assign(new Error(`-o ${file} can't be written: ${why}`), { code })
  }
}

/** Whether others than its owner may read the file. Windows has no such bits. */
export async function isOpenToOthers(file: string): Promise<boolean> {
  return process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0
}

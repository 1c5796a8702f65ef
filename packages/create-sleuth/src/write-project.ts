import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The message says why, for the user. */
export class NotWritten extends Error {}

/** Writes the files into a new folder: all of them, or none. */
export function writeProject(folder: string, files: Readonly<Record<string, string>>): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new Error(`there is something named "${folder}" here already`)
    throw new NotWritten(`can't make the folder "${folder}": ${reasonOf(error)}`)
  }
  try {
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw new NotWritten(`can't write into the folder "${folder}": ${reasonOf(error)}`)
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you may not write here',
  EPERM: 'you may not write here',
  EROFS: 'this file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
}

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return reasons[code] ?? message
}

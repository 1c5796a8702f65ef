import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { KeyPair } from '@sleuth/zre'

/** A list of allowed keys in a file, which changes: its nodes read it again every second. */
export class AllowFile {
  readonly path: string

  private constructor(folder: string) {
    this.path = join(folder, 'allowed')
  }

  static async make(t: TestContext, ...pairs: readonly KeyPair[]): Promise<AllowFile> {
    const folder = await mkdtemp(join(tmpdir(), 'sleuth-allowed-'))
    t.after(() => rm(folder, { recursive: true }))
    const file = new AllowFile(folder)
    await file.write(...pairs)
    return file
  }

  async write(...pairs: readonly KeyPair[]): Promise<void> {
    const next = `${this.path}.next`
    await writeFile(next, pairs.map(({ publicKey }) => `${publicKey}\n`).join(''))
    await rename(next, this.path)
  }
}

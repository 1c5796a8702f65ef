import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import {
  chmod,
  lstat,
  mkdir,
  opendir,
  rename,
  rmdir,
  stat,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { isNodeId, type NodeId } from '../wire/identity.js'
import { decodeEntry, encodeEntry, type HostEntry, MAX_ENTRY_BYTES } from './host-entry.js'

/** The most files that are looked at: more than a host has nodes. */
const MAX_FILES = 4096
const SUFFIX = '.json'
const SIGN_SUFFIX = '.alive'
/** How often one who comes makes the directory that others remove, each of whom is the last to leave. */
const MAX_TRIES = 100

/** An entry, and when its owner wrote it: milliseconds since 1970. */
export interface FoundEntry extends HostEntry {
  readonly writtenAt: number
}

/**
 * The directory of one user and one discovery port, with a file for each node. The directory of temporary files is everyone's:
 * what is in it counts only if it is our own, and no link.
 */
export class HostFolder {
  readonly path: string
  readonly #parent: string
  readonly #uid: number | undefined

  /** `uid`: ours. Undefined on Windows, where each user has a directory of temporary files. */
  constructor(root: string, uid: number | undefined, port: number) {
    this.#uid = uid
    this.#parent = join(root, `sleuth-${uid ?? 'user'}`)
    this.path = join(this.#parent, String(port))
  }

  /** Makes it if it is not there. Rejects when it is somebody else's. */
  async open(): Promise<void> {
    for (const path of [this.#parent, this.path]) {
      await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      })
      const found = await lstat(path)
      if (!found.isDirectory() || !this.#isOurs(found))
        throw new Error(`${path} is no directory of this user`)
      if (this.#uid !== undefined && (found.mode & 0o077) !== 0) await chmod(path, 0o700)
    }
  }

  /** Changes when a file comes, goes or is replaced. */
  async changedAt(): Promise<number> {
    return (await stat(this.path)).mtimeMs
  }

  /** Makes the directory if it is not there, and replaces the file of a node. Rejects when the directory is somebody else's. */
  async write(entry: HostEntry): Promise<void> {
    for (let left = MAX_TRIES; ; left--) {
      try {
        await this.open()
        await this.#replace(entry)
        return
      } catch (error) {
        // The last who was there has left meanwhile, and removed it.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || left === 0) throw error
      }
    }
  }

  /** At once: nobody reads a half of a file. */
  async #replace(entry: HostEntry): Promise<void> {
    // Not in the directory itself, which is watched.
    const draft = join(this.#parent, `${entry.id}.new`)
    await unlink(draft).catch(() => {})
    await writeFile(draft, encodeEntry(entry), { mode: 0o600, flag: 'wx' })
    await rename(draft, this.#fileOf(entry.id))
  }

  /** The node lives. Not in the directory itself: a sign of life of one node would wake every other that watches it. */
  async touch(id: NodeId): Promise<void> {
    const now = new Date()
    const sign = this.#signOf(id)
    await utimes(sign, now, now).catch(() => writeFile(sign, '', { mode: 0o600, flag: 'wx' }))
  }

  async remove(id: NodeId): Promise<void> {
    for (const path of [this.#fileOf(id), this.#signOf(id)]) await unlink(path).catch(() => {})
  }

  /** Removes the directory when no file is left in it, and that of the user when this was the last port. */
  async removeEmpty(): Promise<void> {
    try {
      await rmdir(this.path)
      await rmdir(this.#parent)
    } catch {
      // Others are there.
    }
  }

  /** When the owner of an entry last showed that it lives: milliseconds since 1970. */
  async seenAt({ id, writtenAt }: FoundEntry): Promise<number> {
    const sign = await lstat(this.#signOf(id)).catch(() => undefined)
    return sign?.isFile() && this.#isOurs(sign) ? Math.max(writtenAt, sign.mtimeMs) : writtenAt
  }

  async list(): Promise<NodeId[]> {
    const ids: NodeId[] = []
    for await (const { name } of await opendir(this.path)) {
      if (ids.length >= MAX_FILES) break
      const id = idOfFile(name)
      if (id !== undefined) ids.push(id)
    }
    return ids
  }

  /**
   * Undefined if there is no such file any more, or it does not hold what it should. It waits for the disk: for a small file that has just
   * been written, four promises that go to another thread and back cost several times as much.
   */
  read(id: NodeId): FoundEntry | undefined {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
    try {
      const file = openSync(this.#fileOf(id), flags)
      try {
        const found = fstatSync(file)
        if (!found.isFile() || !this.#isOurs(found) || found.size > MAX_ENTRY_BYTES) return undefined
        const buffer = Buffer.allocUnsafe(MAX_ENTRY_BYTES)
        const bytesRead = readSync(file, buffer, 0, MAX_ENTRY_BYTES, 0)
        const entry = decodeEntry(buffer.toString('utf8', 0, bytesRead))
        return entry?.id === id ? { ...entry, writtenAt: found.mtimeMs } : undefined
      } finally {
        closeSync(file)
      }
    } catch {
      return undefined
    }
  }

  #isOurs({ uid }: Stats): boolean {
    return this.#uid === undefined || uid === this.#uid
  }

  #fileOf(id: NodeId): string {
    return join(this.path, `${id}${SUFFIX}`)
  }

  #signOf(id: NodeId): string {
    return join(this.#parent, `${id}${SIGN_SUFFIX}`)
  }
}

/** The node whose file has this name. */
export function idOfFile(name: string): NodeId | undefined {
  const id = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : ''
  return isNodeId(id) ? id : undefined
}

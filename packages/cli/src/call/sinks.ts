import { once } from 'node:events'
import { type FileHandle, open } from 'node:fs/promises'
import type { Io } from '../command.js'

/** Where a body goes. */
export interface Sink {
  /** Resolves when more may be written. */
  write(chunk: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** The file is made when there is something to write, so that a call that fails leaves an older file as it is. */
export function toFile(path: string): Sink {
  let file: FileHandle | undefined
  const opened = async () => {
    file ??= await open(path, 'w')
    return file
  }
  return {
    async write(chunk) {
      await (await opened()).writeFile(chunk)
    },
    async close() {
      await (await opened()).close()
    },
  }
}

/**
 * A terminal takes no bytes that are not text, unless the user insists: they could change how it reads everything after them.
 * In a terminal a body ends its line, so that the prompt is not a part of it.
 */
export function toStdout({ stdout, isTTY, signal }: Io, insists: boolean): Sink {
  let last: number | undefined
  return {
    async write(chunk) {
      if (isTTY && !insists && chunk.includes(0)) {
        throw new BinaryError(
          'the body is not text: write it to a file with -o FILE, or to the terminal with -o -',
        )
      }
      last = chunk.at(-1) ?? last
      if (!stdout.write(chunk)) await once(stdout, 'drain', { signal })
    },
    async close() {
      if (isTTY && !insists && last !== undefined && last !== 0x0a) stdout.write('\n')
    },
  }
}

class BinaryError extends Error {
  readonly code = 'BINARY'
}

export class ToMemory implements Sink {
  readonly #chunks: Uint8Array[] = []

  async write(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk)
  }

  async close(): Promise<void> {}

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

export const nowhere: Sink = { write: async () => {}, close: async () => {} }

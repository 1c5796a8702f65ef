import type { Socket } from 'node:net'

/**
 * As much is read at a time: a part of a body, and frames around it. One buffer serves all connections, since what came is
 * copied from it before anything else is read.
 */
const BYTES = 128 * 1024

let memory: Buffer | undefined

/** The memory that connections read into. It is made for the first one. */
export function sharedMemory(): Buffer {
  memory ??= Buffer.allocUnsafeSlow(BYTES)
  return memory
}

/** What a socket keeps of its option `onread`. */
type Fields = Record<symbol, unknown> & {
  readonly _handle?: { useUserBuffer?(buffer: Buffer): void } | null
}

/**
 * Makes a socket read into memory that is used again, as its option `onread` does, which is not to be had for a socket that a
 * server accepts. Else Node allocates 64 KiB for each read, which takes longer than the read: of large bodies a third of the
 * processor's time. `received` gets how many bytes came, and gives true. Returns false for a socket of TLS, and if this version
 * of Node has other fields: then `data` events bring what comes.
 */
export function readInto(socket: Socket, memory: Buffer, received: (bytes: number) => true): boolean {
  // What TLS has decrypted comes on after a pause, and what came before is not read then.
  if ('encrypted' in socket) return false
  const fields = socket as unknown as Fields
  const symbols = Object.getOwnPropertySymbols(socket)
  const [buffer, callback] = ['kBuffer', 'kBufferCb'].map((name) =>
    symbols.find(({ description }) => description === name),
  )
  const handle = fields._handle
  if (buffer === undefined || callback === undefined || handle?.useUserBuffer === undefined) return false
  fields[buffer] = memory
  fields[callback] = received
  handle.useUserBuffer(memory)
  return true
}

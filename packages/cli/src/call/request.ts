import { openAsBlob } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Io } from '../command.js'
import { UsageError } from '../usage-error.js'

/** What is sent, from the options of curl. */
export interface OutgoingRequest {
  readonly method: string
  readonly headers: [name: string, value: string][]
  readonly body: Buffer | Blob | Readable | undefined
}

export interface RequestValues {
  readonly request?: string | undefined
  readonly header?: readonly string[] | undefined
  readonly data?: readonly string[] | undefined
  readonly 'upload-file'?: string | undefined
  readonly head?: boolean | undefined
}

/** Rejects with a `UsageError` for what contradicts itself, or can't be read. */
export async function readRequest(values: RequestValues, stdin: Io['stdin']): Promise<OutgoingRequest> {
  const { request, header = [], data, 'upload-file': file, head } = values
  if (data !== undefined && file !== undefined)
    throw new UsageError('--data and --upload-file exclude each other')
  if (head && (data ?? file) !== undefined)
    throw new UsageError('--head sends no body: leave out --data and --upload-file')
  const lines = header.map(readHeader)
  const names = new Set(lines.map(([name]) => name.toLowerCase()))
  const headers = lines.filter((line): line is [string, string] => line[1] !== undefined)
  // As curl, which takes data for a form unless it is told otherwise.
  if (data !== undefined && !names.has('content-type')) {
    headers.push(['content-type', 'application/x-www-form-urlencoded'])
  }
  const body = data !== undefined ? await readData(data, stdin) : file && (await openUpload(file, stdin))
  const method = head ? 'HEAD' : data !== undefined ? 'POST' : file !== undefined ? 'PUT' : 'GET'
  return { method: request ?? method, headers, body: body || undefined }
}

/** `Name: value`; `Name;` has an empty value; `Name:` has none, and takes away a header that is sent by default. */
function readHeader(line: string): [name: string, value: string | undefined] {
  if (/^[^\s:;]{1,256};$/.test(line)) return [line.slice(0, -1), '']
  const colon = line.indexOf(':')
  const name = line.slice(0, colon)
  if (colon < 1 || /\s/.test(name)) throw new UsageError(`--header must be "Name: value", and is "${line}"`)
  const value = line.slice(colon + 1).trim()
  return [name, value === '' ? undefined : value]
}

async function readData(parts: readonly string[], stdin: Io['stdin']): Promise<Buffer> {
  const bytes: Buffer[] = []
  for (const part of parts) {
    if (bytes.length > 0) bytes.push(Buffer.from('&'))
    if (part === '@-') bytes.push(await buffer(stdin))
    else if (part.startsWith('@'))
      bytes.push(await reading('--data', part.slice(1), (file) => readFile(file)))
    else bytes.push(Buffer.from(part))
  }
  return Buffer.concat(bytes)
}

/** A `Blob` has a length, and can be read again when an attempt fails. */
async function openUpload(file: string, stdin: Io['stdin']): Promise<Blob | Readable> {
  if (file === '-') return stdin as Readable
  return reading('--upload-file', file, async (path) => {
    // `openAsBlob` does not say what is wrong.
    await (await open(path)).close()
    return openAsBlob(path)
  })
}

async function reading<T>(option: string, file: string, read: (file: string) => Promise<T>): Promise<T> {
  try {
    return await read(file)
  } catch (error) {
    throw new UsageError(`${option} can't read ${file}: ${(error as Error).message}`)
  }
}

import { randomUUID } from 'node:crypto'
import type { BodySource } from '../transport/transport.js'
import { type BlobLike, type FormDataLike, isBlob, openSource } from './body-source.js'

export interface Form {
  readonly type: string
  /** Undefined if the size of a part is not known. */
  readonly length: number | undefined
  open(): BodySource
}

/** Writes a form as `multipart/form-data` (HTML standard, section 4.10.21.8; RFC 7578). It can be opened more than once. */
export function writeForm(form: FormDataLike): Form {
  const boundary = `----formdata-sleuth-${randomUUID()}`
  const parts: (Buffer | BlobLike)[] = []
  for (const [name, value] of form) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(withCrlf(String(name)))}"`
    if (typeof value === 'object' && isBlob(value)) {
      const file = value.name ? `; filename="${escapeName(value.name)}"` : ''
      const type = value.type || 'application/octet-stream'
      parts.push(Buffer.from(`${head}${file}\r\nContent-Type: ${type}\r\n\r\n`), value, Buffer.from('\r\n'))
    } else {
      parts.push(Buffer.from(`${head}\r\n\r\n${withCrlf(String(value))}\r\n`))
    }
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`))
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    length: lengthOf(parts),
    open: () => openParts(parts),
  }
}

function escapeName(name: string): string {
  return name.replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22')
}

function withCrlf(text: string): string {
  return text.replace(/\r?\n|\r/g, '\r\n')
}

function lengthOf(parts: readonly (Buffer | BlobLike)[]): number | undefined {
  let length = 0
  for (const part of parts) {
    const size = Buffer.isBuffer(part) ? part.length : part.size
    if (!Number.isSafeInteger(size)) return undefined
    length += size as number
  }
  return length
}

export function openBlob(blob: BlobLike): BodySource {
  return openSource(blob.stream?.() ?? bytesOf(blob))
}

async function* bytesOf(blob: BlobLike): AsyncGenerator<ArrayBuffer> {
  yield await blob.arrayBuffer()
}

function openParts(parts: readonly (Buffer | BlobLike)[]): BodySource {
  let at = 0
  let blob: BodySource | undefined
  return {
    async next() {
      while (at < parts.length) {
        const part = parts[at] as Buffer | BlobLike
        if (Buffer.isBuffer(part)) {
          at++
          return part
        }
        blob ??= openBlob(part)
        const bytes = await blob.next()
        if (bytes !== undefined) return bytes
        blob = undefined
        at++
      }
      return undefined
    },
    cancel() {
      at = parts.length
      blob?.cancel()
    },
  }
}

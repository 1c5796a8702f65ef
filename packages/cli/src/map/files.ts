// The page's files, read once.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { gzipSync } from 'node:zlib'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export interface File {
  readonly type: string
  readonly body: Buffer
  readonly zipped: Buffer
  readonly etag: string
}

export function fileOf(name: string, body: Buffer): File {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  return {
    type: TYPES[extname(name)] ?? 'application/octet-stream',
    body,
    zipped: gzipSync(body, { level: 9 }),
    etag,
  }
}

/** The files of a folder and of those in it, by their paths. Others than a browser asks for, such as licences, are left out. */
export function readFiles(folder: string): Map<string, File> {
  const files = new Map<string, File>()
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!(extname(name) in TYPES)) continue
    const path = name.split(sep).join('/')
    files.set(path, fileOf(path, readFileSync(join(folder, name))))
  }
  return files
}

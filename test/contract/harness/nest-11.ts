import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { useScopeOf } from './older.js'

const folder = new URL('../../../../test-nest-11/', import.meta.url)

/** Whoever imports NestJS from now on gets version 11. */
export function useNest11(): void {
  useScopeOf(folder, '@nestjs')
  const found = fileURLToPath(import.meta.resolve('@nestjs/core'))
  const { version } = createRequire(found)('@nestjs/core/package.json')
  assert.match(version, /^11\./)
}

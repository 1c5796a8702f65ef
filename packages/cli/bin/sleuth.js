#!/usr/bin/env node
// A package from the registry has one bundled file. A checkout has the files that tsc makes.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const bundled = new URL('../bundle/sleuth.cjs', import.meta.url)
const built = new URL('../dist/bin.js', import.meta.url)

// As `isNodeSupported` of core, which is not loaded yet.
if (major < 20 || major === 21 || (major === 20 && minor < 19) || (major === 22 && minor < 12)) {
  const { node } = process.versions
  process.stderr.write(
    `sleuth: this is Node ${node}; install Node 22.12 or later, or Node 20 from 20.19 on\n`,
  )
  process.exitCode = 1
} else if (existsSync(bundled)) {
  // An import would read it twice: it looks for names that are exported.
  createRequire(import.meta.url)('../bundle/sleuth.cjs')
} else if (existsSync(built)) {
  await import(built.href)
} else {
  process.stderr.write('sleuth: this checkout is not built; run "npm ci && npm run build" at its top\n')
  process.exitCode = 1
}

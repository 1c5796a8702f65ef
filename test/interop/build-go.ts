import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Our programs on the Go sleuth: sources here, and what is built of them under `test/build`. */
const sources = fileURLToPath(new URL('../../interop/go', import.meta.url))
const output = fileURLToPath(new URL('../interop-go', import.meta.url))

const gyre = 'github.com/zeromq/gyre'

/**
 * Since Go 1.12.8 `url.Parse` refuses the port in gyre's own `tcp://*:*` (node.go, `bind`), so gyre doesn't start. The
 * copy that we build calls this in its place.
 */
const parse = `package gyre

import (
	"net/url"
	"strings"
)

func parseEndpoint(endpoint string) (*url.URL, error) {
	scheme, host, _ := strings.Cut(endpoint, "://")
	return &url.URL{Scheme: scheme, Host: host}, nil
}
`

/** Paths of the built programs. */
export interface GoPrograms {
  service: string
  client: string
}

/** Builds the Go programs, or tells what is missing here. What compiles wrongly is an error. */
export async function buildGo(): Promise<GoPrograms | { missing: string }> {
  const env = { ...process.env, CGO_ENABLED: '1', GOFLAGS: '-buildvcs=false', GOWORK: 'off' }
  const version = await tryRun('go', ['version'])
  if (version === undefined) return { missing: 'Go is not installed' }
  const libzmq = await tryRun('pkg-config', ['--modversion', 'libzmq'])
  if (libzmq === undefined) return { missing: 'libzmq with its headers and pkg-config are not installed' }

  const target = join(output, await digest(version, libzmq))
  const programs = { service: join(target, 'service'), client: join(target, 'client') }
  if (existsSync(target)) return programs
  try {
    await run('go', ['mod', 'download'], { cwd: sources, env })
  } catch (error) {
    return {
      missing: `the Go modules can't be downloaded: ${error instanceof Error ? error.message : error}`,
    }
  }

  await mkdir(output, { recursive: true })
  const work = await mkdtemp(join(output, 'work-'))
  try {
    const { stdout } = await run('go', ['list', '-m', '-f', '{{.Dir}}', gyre], { cwd: sources, env })
    await copyMended(stdout.trim(), join(work, 'gyre'))
    await writeFile(
      join(work, 'go.work'),
      `go 1.23.0\nuse ${JSON.stringify(sources)}\nreplace ${gyre} => ./gyre\n`,
    )
    await run('go', ['build', '-o', `${join(work, 'built')}/`, './service', './client'], {
      cwd: sources,
      env: { ...env, GOWORK: join(work, 'go.work') },
    })
    // Another test file may have been faster.
    await rename(join(work, 'built'), target).catch((error) => {
      if (!existsSync(target)) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return programs
}

/** Only the sources: the module cache is read-only, and its modes would be copied with it. */
async function copyMended(from: string, to: string): Promise<void> {
  for (const path of await goFiles(from)) {
    let text = await readFile(join(from, path), 'utf8')
    if (path === 'node.go') {
      const parts = text.split('url.Parse(endpoint)')
      if (parts.length !== 2) throw new Error(`${gyre}: node.go is not the one that is mended here`)
      text = parts.join('parseEndpoint(endpoint)')
    }
    await mkdir(dirname(join(to, path)), { recursive: true })
    await writeFile(join(to, path), text)
  }
  await writeFile(join(to, 'parse_endpoint.go'), parse)
  await writeFile(join(to, 'go.mod'), `module ${gyre}\n\ngo 1.23.0\n`)
}

async function goFiles(directory: string): Promise<string[]> {
  const paths = await readdir(directory, { recursive: true })
  return paths.filter((path) => path.endsWith('.go') && !path.endsWith('_test.go')).sort()
}

/** Names what the programs are made of: they are built again when any of it has changed. */
async function digest(...parts: string[]): Promise<string> {
  const hash = createHash('sha256').update(parts.join('\0')).update(parse)
  for (const path of [...(await goFiles(sources)), 'go.mod', 'go.sum']) {
    hash.update(path).update(await readFile(join(sources, path)))
  }
  return hash.digest('hex').slice(0, 16)
}

async function tryRun(command: string, args: string[]): Promise<string | undefined> {
  try {
    return (await run(command, args)).stdout
  } catch {
    return undefined
  }
}

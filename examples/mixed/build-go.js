// @ts-check
// Builds the Go programs of ../echo/go into ./build:  node examples/mixed/build-go.js
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const sources = fileURLToPath(new URL('../echo/go', import.meta.url))
const build = fileURLToPath(new URL('build', import.meta.url))
const gyre = 'github.com/zeromq/gyre'

/** @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
const go = (args, env) => run('go', args, { cwd: sources, env: { ...process.env, CGO_ENABLED: '1', ...env } })

const broken = 'e, err := url.Parse(endpoint)'
const mended = 'e, err := &url.URL{Scheme: "tcp", Host: strings.TrimPrefix(endpoint, "tcp://")}, error(nil)'

/**
 * gyre, below the Go sleuth, doesn't start when it is built with Go 1.12.8 or later: there `url.Parse` refuses the port of
 * gyre's own `tcp://*:*`. So we build with a copy that does not parse it.
 *
 * @returns {Promise<{ service: string, client: string }>} The paths of the two programs.
 */
export async function buildGo() {
  const copy = join(build, 'gyre')
  const workspace = join(build, 'go.work')
  await rm(copy, { recursive: true, force: true })
  await mkdir(build, { recursive: true })
  await go(['mod', 'download'])

  const { stdout } = await go(['list', '-m', '-f', '{{.Dir}}', gyre])
  await cp(stdout.trim(), copy, { recursive: true })
  // The module cache is read-only, and so is what is copied from it.
  await run('chmod', ['-R', 'u+w', copy])
  const node = join(copy, 'node.go')
  const source = await readFile(node, 'utf8')
  if (!source.includes(broken)) throw new Error(`gyre's node.go is not the one that is mended here: ${node}`)
  await writeFile(node, source.replace(broken, mended))
  await writeFile(join(copy, 'go.mod'), `module ${gyre}\n\ngo 1.23.0\n`)
  await writeFile(workspace, `go 1.23.0\n\nuse ${sources}\n\nreplace ${gyre} => ./gyre\n`)

  await go(['build', '-o', build, './service', './client'], { GOWORK: workspace })
  return { service: join(build, 'service'), client: join(build, 'client') }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(Object.values(await buildGo()).join('\n'))

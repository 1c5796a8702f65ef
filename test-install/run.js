// Packs every package, installs the tarballs into empty projects, and lets two services call each other there:
//   node test-install/run.js [name of a row …]
// A row that fails makes the exit code 1. What a row needs comes by npm: pnpm, yarn, esbuild, other versions of Node.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const work = mkdtempSync(join(tmpdir(), 'sleuth-install-'))
const tarballs = join(work, 'tarballs')
const packages = ['zre', 'core', 'fastify', 'express', 'koa']
const others = ['node', 'hono', 'nest', 'testing', 'otel', 'cli', 'create-sleuth']

/** Apps of the frameworks that the packages are for. */
const frameworks = { fastify: '^5', express: '^5', koa: '^3' }

/** What the other packages are for. NestJS 11 is the last one for Node 20. */
const hosts = {
  hono: '^4',
  '@nestjs/common': '^11',
  '@nestjs/core': '^11',
  '@nestjs/microservices': '^11',
  '@opentelemetry/api': '^1.9',
  'reflect-metadata': '^0.2',
  rxjs: '^7.8',
}

const rows = {
  'npm, ESM': () => npm('esm.mjs'),
  'npm, CommonJS': () => npm('commonjs.cjs'),
  'npm, --ignore-scripts': () => npm('esm.mjs', ['--ignore-scripts']),
  'npm, TypeScript, NodeNext': () => typescript('nodenext', 'nodenext'),
  'npm, TypeScript, bundler': () => typescript('esnext', 'bundler'),
  'npm, esbuild bundle': bundle,
  'npm, every package, ESM': () => every('every.mjs', 'hono node fetch 3'),
  'npm, every package, CommonJS': () => every('every.cjs', 'all of them'),
  'pnpm, ESM': () => pnpm('esm.mjs'),
  'pnpm, CommonJS': () => pnpm('commonjs.cjs'),
  'yarn 1, ESM': () => yarn1('esm.mjs'),
  'yarn 4, node_modules': () => yarn4('node-modules', 'esm.mjs'),
  'yarn 4, PnP': () => yarn4('pnp', 'esm.mjs'),
  'npm, Node 22': () => npm('esm.mjs', [], { node: '22' }),
  'npm, Node 24': () => npm('esm.mjs', [], { node: '24' }),
  'npm, Node 26': () => npm('esm.mjs', [], { node: '26' }),
}

const asked = process.argv.slice(2)
let failed = 0
try {
  pack()
  for (const [name, row] of Object.entries(rows)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    const started = performance.now()
    let result
    try {
      result = row()
    } catch (error) {
      failed++
      result = `FAILED\n${error.message}`
    }
    console.log(
      `${name.padEnd(28)} ${result.padEnd(24)} ${((performance.now() - started) / 1000).toFixed(0)} s`,
    )
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
process.exitCode = failed === 0 ? 0 : 1

function pack() {
  mkdirSync(tarballs)
  for (const name of [...packages, ...others])
    run('npm', ['pack', '--silent', '--pack-destination', tarballs, '-w', `packages/${name}`], root)
}

/** Where the tarball of each package is. */
function files(names = packages) {
  return Object.fromEntries(
    names.map((name) => {
      const isScoped = name !== 'create-sleuth'
      const file = join(tarballs, `${isScoped ? 'sleuth-' : ''}${name}-0.1.0.tgz`)
      return [isScoped ? `@sleuth/${name}` : name, `file:${file}`]
    }),
  )
}

/** An empty project. Packages of ours come from the tarballs, also those that they depend on. */
function project(more = {}) {
  const folder = mkdtempSync(join(work, 'project-'))
  const own = files()
  const manifest = {
    name: 'project',
    private: true,
    version: '1.0.0',
    dependencies: { ...own, ...frameworks, ...more },
    overrides: own,
    resolutions: own,
    pnpm: { overrides: own },
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  cpSync(join(import.meta.dirname, 'programs'), folder, { recursive: true })
  return folder
}

function npm(program, args = [], more = {}) {
  const folder = project(more)
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', ...args], folder)
  const node = more.node === undefined ? process.execPath : join(folder, 'node_modules/node/bin/node')
  answers(run(node, [program], folder))
  return `ok, ${size(join(folder, 'node_modules'))}`
}

/** Every package that there is. */
function every(program, expected) {
  const folder = project({ ...files(others), ...hosts })
  run('npm', ['install', '--silent', '--no-audit', '--no-fund'], folder)
  const output = run(process.execPath, [program], folder)
  if (!output.includes(expected)) throw new Error(`printed ${output}`)
  return `ok, ${size(join(folder, 'node_modules'))}`
}

function typescript(module, moduleResolution) {
  const folder = project({
    typescript: '^5.9.0',
    '@types/node': '^20',
    '@types/express': '^5',
    '@types/koa': '^3',
  })
  run('npm', ['install', '--silent', '--no-audit', '--no-fund'], folder)
  const options = { module, moduleResolution, target: 'es2022', strict: true, noEmit: true, types: ['node'] }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...options, skipLibCheck: true }, files: ['typed.mts'] }),
  )
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], folder)
  return 'ok'
}

function bundle() {
  const folder = project({ esbuild: '^0.28.0' })
  run('npm', ['install', '--silent', '--no-audit', '--no-fund'], folder)
  const args = [
    'esm.mjs',
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--external:zeromq',
    '--outfile=bundle.mjs',
  ]
  // Packages in CommonJS that are bundled into an ES module call `require`.
  const banner =
    "--banner:js=import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);"
  run(join(folder, 'node_modules/.bin/esbuild'), [...args, banner, '--log-level=error'], folder)
  answers(run(process.execPath, ['bundle.mjs'], folder))
  return `ok, ${(statSync(join(folder, 'bundle.mjs')).size / 1024).toFixed(0)} kB`
}

function pnpm(program) {
  const folder = project()
  const own = Object.entries(files()).map(([name, file]) => `  '${name}': '${file}'`)
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), `overrides:\n${own.join('\n')}\n`)
  run('npx', ['--yes', 'pnpm@10', 'install', '--silent'], folder)
  answers(run(process.execPath, [program], folder))
  return 'ok'
}

function yarn1(program) {
  const folder = project()
  run('npx', ['--yes', 'yarn@1', 'install', '--silent', '--no-lockfile', '--ignore-engines'], folder)
  answers(run(process.execPath, [program], folder))
  return 'ok'
}

function yarn4(linker, program) {
  const folder = project()
  writeFileSync(
    join(folder, '.yarnrc.yml'),
    `nodeLinker: ${linker}\nenableImmutableInstalls: false\nenableTelemetry: false\npnpEnableEsmLoader: true\n`,
  )
  writeFileSync(join(folder, 'yarn.lock'), '')
  const yarn = ['--yes', '-p', '@yarnpkg/cli-dist@4', 'yarn']
  run('npx', [...yarn, 'install'], folder)
  answers(run('npx', [...yarn, 'node', program], folder))
  return 'ok'
}

function answers(output) {
  if (!output.includes('fastify express koa')) throw new Error(`printed ${output}`)
}

function run(command, args, cwd) {
  const env = { ...process.env, SLEUTH_INTERFACE: 'loopback', SLEUTH_PORT: '25973', NODE_OPTIONS: '' }
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 300_000,
  })
  if (status !== 0)
    throw new Error(`${command} ${args[0]}: ${error?.message ?? ''}\n${stdout}\n${stderr}`.slice(0, 3000))
  return stdout
}

function size(folder) {
  let bytes = 0
  for (const name of readdirSync(folder, { recursive: true })) {
    const info = statSync(join(folder, String(name)), { throwIfNoEntry: false })
    if (info?.isFile()) bytes += info.size
  }
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`
}

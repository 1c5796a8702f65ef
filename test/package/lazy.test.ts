import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const hook = `
  import { writeSync } from 'node:fs'
  export function load(url, context, next) {
    writeSync(1, url + '\\n')
    return next(url, context)
  }`

/** Every module that is loaded, in its order, by an import of core. */
function loadedBy(code: string): string[] {
  const program = `
    import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}))
    ${code}`
  const cwd = fileURLToPath(new URL('../../../packages/core', import.meta.url))
  const env = { ...process.env, SLEUTH_INTERFACE: 'loopback' }
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd,
    env,
    encoding: 'utf8',
  })
  return output.split('\n')
}

const uses = (modules: string[], part: string) => modules.some((url) => url.includes(part))

const onlyForJoining = [
  '/core/dist/sleuth/',
  '/core/dist/client/',
  '/core/dist/server/',
  '/valibot/',
  'node:http',
  'node:zlib',
]
const onlyForNodes = ['/zre/dist/driver', '/zre/dist/machine/', 'node:dgram', 'zeromq/']

test('an import of core loads nothing that only a client needs', () => {
  const modules = loadedBy(`await import('@sleuth/core')`)
  assert.ok(uses(modules, '/core/dist/index.js'))
  for (const part of ['/pino/', ...onlyForJoining, ...onlyForNodes]) assert.ok(!uses(modules, part), part)
  const own = modules.filter((url) => url.includes('/dist/'))
  assert.ok(own.length <= 12, `an import loads ${own.length} files: ${own.join(' ')}`)
})

test('createSleuth loads the client, and a node only where it joins', () => {
  const modules = loadedBy(`
    const { createSleuth } = await import('@sleuth/core')
    const sleuth = await createSleuth({ enabled: false })
    await sleuth.close()`)
  assert.ok(uses(modules, '/core/dist/sleuth/client.js'))
  for (const part of ['/pino/', ...onlyForNodes]) assert.ok(!uses(modules, part), part)
})

test('an adapter loads no logger, and no node before it joins', () => {
  const modules = loadedBy(`await import('@sleuth/core/adapter')`)
  assert.ok(uses(modules, '/core/dist/sleuth/client.js'))
  for (const part of ['/pino/', ...onlyForNodes]) assert.ok(!uses(modules, part), part)
})

test('the default logger is loaded for its first line', () => {
  const join = (logLevel: string) =>
    loadedBy(`
      const { createSleuth } = await import('@sleuth/core')
      const { createRequire } = await import('node:module')
      const sleuth = await createSleuth({ interface: 'loopback', port: ${20_000 + (process.pid % 10_000)}, logLevel: '${logLevel}' })
      await sleuth.close()
      const cached = Object.keys(createRequire(import.meta.url).cache)
      console.log(cached.filter((path) => path.includes('/pino/')).join('\\n'))`)
  assert.ok(!uses(join('error'), '/pino/'))
  assert.ok(uses(join('info'), '/pino/'))
})

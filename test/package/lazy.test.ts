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

test('an import of core loads neither a logger nor what only a node needs', () => {
  const modules = loadedBy(`await import('@sleuth/core')`)
  assert.ok(uses(modules, '/core/dist/sleuth/'))
  for (const part of ['/pino/', '/zre/dist/driver', '/zre/dist/machine/', 'node:dgram', 'zeromq/'])
    assert.ok(!uses(modules, part), part)
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

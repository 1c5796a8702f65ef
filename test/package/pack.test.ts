import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bin, libraries, manifest, root, run } from './workspace.js'

let folder: string
const tarballs = new Map<string, { file: string; files: string[] }>()

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sleuth-pack-'))
  for (const name of libraries) {
    const { stdout } = await run(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
      {
        cwd: join(root, 'packages', name),
      },
    )
    const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }]
    tarballs.set(name, { file: join(folder, filename), files: files.map(({ path }) => path) })
  }
})
after(() => rm(folder, { recursive: true }))

function tarball(name: string): { file: string; files: string[] } {
  const found = tarballs.get(name)
  assert.ok(found)
  return found
}

for (const name of libraries) {
  describe(`the package ${name}`, () => {
    test('holds what it runs and its sources, and no tests', () => {
      const { files } = tarball(name)
      assert.ok(
        files.includes('dist/index.js') && files.includes('dist/index.d.ts') && files.includes('LICENSE'),
      )
      const odd = files.filter((file) => !/^(package\.json|LICENSE|README\.md|(dist|src)\/)/.test(file))
      assert.deepEqual(odd, [])
      assert.deepEqual(
        files.filter((file) => /\btest\b|tsbuildinfo/.test(file)),
        [],
      )
    })

    test('holds nothing in dist that has no source', () => {
      const { files } = tarball(name)
      const built = files.filter((file) => file.startsWith('dist/') && file.endsWith('.js'))
      const source = (file: string) => file.replace('dist/', 'src/').replace(/\.js$/, '.ts')
      assert.deepEqual(
        built.filter((file) => !files.includes(source(file))),
        [],
      )
    })

    test('publint finds nothing', async () => {
      const { stdout } = await run(bin('publint'), ['run', tarball(name).file, '--strict'])
      assert.match(stdout, /All good!/)
    })

    test('its types are found as they are exported', async () => {
      const { stdout } = await run(bin('attw'), [
        tarball(name).file,
        '--profile',
        'esm-only',
        '--format',
        'json',
      ])
      const { analysis } = JSON.parse(stdout) as { analysis: { types: { kind: string } | false } }
      assert.deepEqual(analysis.types, { kind: 'included' })
    })
  })
}

describe('a project that has the packages installed', () => {
  let project: string

  before(async () => {
    project = join(folder, 'project')
    const modules = join(project, 'node_modules')
    await mkdir(join(modules, '@sleuth'), { recursive: true })
    await writeFile(join(project, 'package.json'), '{ "private": true }')
    const wanted = new Set<string>()
    for (const name of libraries) {
      const target = join(modules, '@sleuth', name)
      await mkdir(target)
      await run('tar', ['-xzf', tarball(name).file, '-C', target, '--strip-components=1'])
      const { dependencies, peerDependencies } = await manifest(name)
      for (const module of Object.keys({ ...dependencies, ...peerDependencies })) wanted.add(module)
    }
    // What a registry would give: only what the packages ask for, so that a missing dependency is missed.
    const present = [...wanted].filter((module) => !module.startsWith('@'))
    for (const module of present) await symlink(join(root, 'node_modules', module), join(modules, module))
    assert.ok((await readdir(modules)).includes('zeromq'))
  })

  /** Runs a program there. Whatever it prints as an error or a warning is one. */
  async function program(code: string, type: 'module' | 'commonjs'): Promise<string> {
    const { stdout, stderr } = await run(process.execPath, [`--input-type=${type}`, '-e', code], {
      cwd: project,
    })
    assert.equal(stderr, '')
    return stdout.trim()
  }

  const uses = {
    fastify: `async (sleuth) => {
      const app = require('fastify')()
      await app.register(sleuth, { enabled: false })
      await app.ready()
      await app.sleuth.do('sleuth://x/').catch((error) => console.log(error.code))
      await app.close()
    }`,
    express: `async (sleuth) => {
      const app = require('express')()
      const middleware = sleuth({ enabled: false })
      app.use(middleware)
      await middleware.ready
      await middleware.sleuth.do('sleuth://x/').catch((error) => console.log(error.code))
    }`,
    koa: `async (sleuth) => {
      const app = new (require('koa'))()
      const middleware = sleuth({ enabled: false }, app)
      app.use(middleware)
      await middleware.ready
      await middleware.sleuth.do('sleuth://x/').catch((error) => console.log(error.code))
    }`,
  }
  for (const [name, use] of Object.entries(uses)) {
    test(`require('@sleuth/${name}') is what one calls`, async () => {
      const code = `const sleuth = require('@sleuth/${name}'); void (${use})(sleuth)`
      assert.equal(await program(code, 'commonjs'), 'SLEUTH_DISABLED')
    })

    test(`import from '@sleuth/${name}', by default and by name`, async () => {
      const code = `
        import { createRequire } from 'node:module'
        import sleuth, { sleuth as named } from '@sleuth/${name}'
        const require = createRequire(process.cwd() + '/index.js')
        if (sleuth !== named || sleuth !== require('@sleuth/${name}')) throw new Error('not the same')
        await (${use})(sleuth)`
      assert.equal(await program(code, 'module'), 'SLEUTH_DISABLED')
    })
  }

  test("require('@sleuth/core') and import give the same", async () => {
    const code = `
      import { createRequire } from 'node:module'
      import { createSleuth } from '@sleuth/core'
      const required = createRequire(process.cwd() + '/index.js')('@sleuth/core')
      if (required.createSleuth !== createSleuth) throw new Error('not the same')
      const sleuth = await createSleuth({ enabled: false })
      console.log(sleuth.services().length)
      await sleuth.close()`
    assert.equal(await program(code, 'module'), '0')
  })
})

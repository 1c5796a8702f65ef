import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bin, manifest, root, run } from './workspace.js'

describe('the package cli', () => {
  let folder: string
  let tarball: string
  let installed: string
  let files: string[]

  /** As `npm publish` does it, but in a copy: a bundle in the checkout would take the place of what tsc makes. */
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sleuth-cli-'))
    const source = join(root, 'packages/cli')
    const copy = join(folder, 'copy')
    const wanted = (path: string) =>
      !/^\/(build|dist|src|test|bundle|node_modules)\b/.test(path.slice(source.length))
    await cp(source, copy, { recursive: true, filter: wanted })
    await run(process.execPath, [join(source, 'bundle.js'), join(copy, 'bundle')])
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
    const [packed] = JSON.parse((await run('npm', pack, { cwd: copy })).stdout) as [
      { filename: string; files: { path: string }[] },
    ]
    tarball = join(folder, packed.filename)
    files = packed.files.map(({ path }) => path)

    const modules = join(folder, 'project/node_modules')
    installed = join(modules, '@sleuth/cli')
    await mkdir(installed, { recursive: true })
    await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
    // What a registry would give: only what the package asks for.
    for (const module of Object.keys((await manifest('cli')).dependencies ?? {})) {
      await symlink(join(root, 'node_modules', module), join(modules, module))
    }
  })
  after(() => rm(folder, { recursive: true }))

  /** Runs a program there, without a network. */
  const program = (file: string, ...args: string[]) =>
    run(process.execPath, [join(installed, file), ...args], { cwd: join(folder, 'project') })

  test('holds one file of code, the licences of what is in it, and nothing else', () => {
    const odd = files.filter(
      (file) =>
        !/^(package\.json|LICENSE|README\.md|(bin|bundle)\/[\w.]+|map\/(vendor\/)?[\w.-]+)$/.test(file),
    )
    assert.deepEqual(odd, [])
    for (const file of ['bin/sleuth.js', 'bundle/sleuth.cjs', 'bundle/LICENSES.md', 'LICENSE']) {
      assert.ok(files.includes(file), file)
    }
  })

  test('publint finds nothing', async () => {
    const { stdout } = await run(bin('publint'), ['run', tarball, '--strict'])
    assert.match(stdout, /All good!/)
  })

  test('has the licence of each package that is bundled', async () => {
    const [code, licences] = await Promise.all(
      ['bundle/sleuth.cjs', 'bundle/LICENSES.md'].map((file) => readFile(join(installed, file), 'utf8')),
    )
    assert.match(code as string, /^\/\/ .*node_modules\/valibot\//m)
    assert.match(licences as string, /^## valibot \d.*Permission is hereby granted/ms)
    const others = [...(code as string).matchAll(/^\/\/ .*node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)]
    for (const [, name] of others) assert.ok((licences as string).includes(`## ${name} `), name)
  })

  test('runs, and knows its version', async () => {
    const { version } = await manifest('cli')
    assert.equal((await program('bin/sleuth.js', '--version')).stdout, `${version}\n`)
    assert.match((await program('bin/sleuth.js', '--help')).stdout, /^ {2}ls +List the services/m)
  })

  test('has the page of the map, and the licences of what that uses', async () => {
    const args = ['map', '--interface', 'loopback', '--port', '28771', '--listen', '127.0.0.1:0', '--json']
    const child = spawn(process.execPath, [join(installed, 'bin/sleuth.js'), ...args])
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      const { url } = JSON.parse(line.toString()) as { url: string }
      for (const file of ['', 'app.js', 'style.css', 'vendor/preact.mjs']) {
        assert.equal((await fetch(url + file)).status, 200, file)
      }
    } finally {
      child.kill()
    }
    for (const name of ['preact', 'htm', 'd3-force', 'd3-timer', 'd3-quadtree', 'd3-dispatch']) {
      assert.ok(files.includes(`map/vendor/${name}.LICENSE`), name)
    }
  })

  test('loads for help none of the modules of Node that a network needs', async () => {
    const list = join(folder, 'list.cjs')
    await writeFile(
      list,
      "process.on('exit', () => process.stderr.write(process.moduleLoadList.join('\\n')))",
    )
    const { stderr } = await run(process.execPath, ['-r', list, join(installed, 'bin/sleuth.js'), '--help'])
    assert.match(stderr, /^NativeModule util$/m)
    assert.doesNotMatch(stderr, /^NativeModule (http|zlib|dgram)$/m)
  })

  test('helps where the addon does not load, and says so where it is needed', async () => {
    const alone = join(folder, 'alone')
    await cp(installed, alone, { recursive: true })
    const elsewhere = (...args: string[]) =>
      run(process.execPath, [join(alone, 'bin/sleuth.js'), ...args], { cwd: alone })
    for (const args of [['--help'], ['help', 'call'], ['completion', 'bash'], ['--version']]) {
      assert.notEqual((await elsewhere(...args)).stdout, '')
    }
    await assert.rejects(elsewhere('ls', '--interface', 'loopback', '--port', '23109'), (error) => {
      const { code, stderr } = error as { code: number; stderr: string }
      assert.equal(code, 1)
      assert.match(stderr, /^sleuth: .*can't load the native addon of the package zeromq/)
      return true
    })
  })

  test('joins a network', async () => {
    const port = String(20_000 + (process.pid % 10_000))
    const { stdout, stderr } = await program(
      'bin/sleuth.js',
      ...['ls', '--interface', 'loopback', '--port', port, '--wait', '0'],
    )
    assert.equal(stdout, '')
    assert.match(stderr, /^No service was found within 0\./)
  })
})

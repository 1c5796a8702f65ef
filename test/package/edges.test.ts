import assert from 'node:assert/strict'
import { isBuiltin } from 'node:module'
import { describe, test } from 'node:test'
import { type Edge, findCycle, importsOf } from './imports.js'
import { manifest, packages } from './workspace.js'

/** Other packages that a package may import: adapters → core → zre → zeromq. */
const between: Record<(typeof packages)[number], readonly string[]> = {
  zre: ['zeromq'],
  core: ['@sleuth/zre', 'pino', 'valibot'],
  fastify: ['@sleuth/core', '@sleuth/core/adapter', 'fastify', 'fastify-plugin'],
  express: ['@sleuth/core', '@sleuth/core/adapter', 'express'],
  koa: ['@sleuth/core', '@sleuth/core/adapter', 'koa'],
}

/** Folders that a folder of a package may import, besides itself. Files beside the folders put the parts together. */
const within: Record<string, Record<string, readonly string[]>> = {
  zre: {
    wire: [],
    machine: ['wire'],
    sockets: ['machine', 'wire'],
    security: ['machine', 'sockets', 'wire'],
    testing: ['machine', 'wire'],
  },
  core: {
    wire: [],
    wire2: [],
    directory: [],
    serve: ['wire'],
    link: ['serve', 'wire2'],
    call: ['directory', 'link', 'wire', 'wire2'],
    adapter: [],
  },
}

/** Pure: no socket, no timer, no clock. */
const pure = [
  { name: 'zre', folder: 'wire', builtins: ['node:crypto', 'node:buffer', 'node:net'] },
  { name: 'zre', folder: 'machine', builtins: [] },
  { name: 'core', folder: 'directory', builtins: [] },
  { name: 'core', folder: 'wire2', builtins: [] },
]

function folder(file: string): string | undefined {
  return file.includes('/') ? file.split('/')[0] : undefined
}

function list(edges: readonly Edge[]): string[] {
  return edges.map(({ from, to }) => `${from} → ${to}`)
}

for (const name of packages) {
  describe(`imports of ${name}`, () => {
    test('other packages only as the house has them', async () => {
      const edges = (await importsOf(name)).filter(({ own, to }) => !own && !isBuiltin(to))
      assert.deepEqual(list(edges.filter(({ to }) => !between[name].includes(to))), [])
    })

    test('every package that is imported is a dependency', async () => {
      const { dependencies, peerDependencies } = await manifest(name)
      const known = Object.keys({ ...dependencies, ...peerDependencies })
      const edges = (await importsOf(name)).filter(({ own, to }) => !own && !isBuiltin(to))
      const missing = edges.filter(
        ({ to }) => !known.some((module) => to === module || to.startsWith(`${module}/`)),
      )
      assert.deepEqual(list(missing), [])
    })

    test('builtins by their node: name', async () => {
      const edges = (await importsOf(name)).filter(({ to }) => isBuiltin(to) && !to.startsWith('node:'))
      assert.deepEqual(list(edges), [])
    })

    test('folders one way', async () => {
      const wrong = (await importsOf(name)).filter(({ from, to, own }) => {
        const [source, target] = [folder(from), folder(to)]
        if (!own || source === undefined || target === undefined || source === target) return false
        return !within[name]?.[source]?.includes(target)
      })
      assert.deepEqual(list(wrong), [])
    })

    test('no circle', async () => {
      assert.equal(findCycle(await importsOf(name))?.join(' → '), undefined)
    })
  })
}

for (const { name, folder: part, builtins } of pure) {
  test(`${name}/${part} is pure`, async () => {
    const edges = (await importsOf(name)).filter(
      ({ from, to, own }) => folder(from) === part && !own && isBuiltin(to),
    )
    assert.deepEqual(list(edges.filter(({ to }) => !builtins.includes(to))), [])
  })
}

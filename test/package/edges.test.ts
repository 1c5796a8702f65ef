import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Edge, findCycle, importsOf } from './imports.js'
import { manifest, packages, root, sources } from './workspace.js'

/** Other packages that a package may import: adapters → core → zre → zeromq and valibot. */
const between: Record<(typeof packages)[number], readonly string[]> = {
  zre: ['valibot', 'zeromq'],
  core: [
    '@sleuth/zre',
    '@sleuth/zre/keys',
    'pino',
    'semver/functions/satisfies.js',
    'semver/ranges/valid.js',
    'valibot',
  ],
  fastify: ['@sleuth/core', '@sleuth/core/adapter', 'fastify', 'fastify-plugin'],
  express: ['@sleuth/core', '@sleuth/core/adapter', 'express'],
  koa: ['@sleuth/core', '@sleuth/core/adapter', 'koa'],
  node: ['@sleuth/core', '@sleuth/core/adapter'],
  hono: ['@sleuth/core', '@sleuth/core/adapter', 'hono'],
  nest: [
    '@sleuth/core',
    '@sleuth/core/adapter',
    '@nestjs/common',
    '@nestjs/core',
    '@nestjs/microservices',
    'rxjs',
  ],
  'create-sleuth': [],
  otel: ['@sleuth/core', '@opentelemetry/api'],
  testing: [
    '@sinonjs/fake-timers',
    '@sleuth/core',
    '@sleuth/core/adapter',
    '@sleuth/zre',
    '@sleuth/zre/testing',
    'path-to-regexp',
  ],
  cli: [
    '@sleuth/core',
    '@sleuth/core/adapter',
    '@sleuth/core/diagnostics',
    '@sleuth/zre',
    '@sleuth/zre/diagnostics',
    '@sleuth/zre/keys',
  ],
}

/** The floors of a package, from the top: a file imports from its own room, and from the floors below it. */
const floors: Record<string, readonly (readonly string[])[]> = {
  zre: [
    ['index.ts', 'diagnostics.ts'],
    ['zeromq-parts.ts', 'testing/'],
    ['node.ts'],
    ['driver.ts'],
    ['connections.ts', 'effect-handler.ts', 'incoming.ts'],
    ['data-plane/', 'events.ts', 'options.ts', 'reach.ts', 'sightings.ts'],
    ['discovery/'],
    ['security/'],
    ['sockets/'],
    ['stats.ts'],
    ['link-waits.ts', 'ticker.ts'],
    ['machine/', 'transport.ts'],
    ['log/', 'wire/'],
    ['error.ts', 'types.ts'],
    ['types/'],
  ],
  core: [
    ['index.ts', 'adapter.ts', 'diagnostics.ts'],
    ['adapter/'],
    ['sleuth/'],
    ['node/'],
    ['client/', 'server/', 'serve/'],
    ['transport/'],
    ['transport/direct/'],
    ['transport/streams/', 'transport/go/'],
    ['transport/transport.ts'],
    ['membership/', 'introspection/', 'events/'],
    ['directory/'],
    ['shared/options/'],
    ['shared/'],
    ['http/', 'types.ts'],
    ['types/'],
  ],
  cli: [
    ['bin.ts'],
    ['main.ts'],
    ['commands/'],
    ['command-line/help.ts'],
    ['bench/', 'gateway/', 'watch/'],
    ['call/', 'completion/', 'doctor/', 'expose/', 'ls/', 'map/'],
    ['connect.ts', 'errors.ts', 'proxy/', 'samples/'],
    ['options.ts'],
    ['command-line/', 'keys/'],
    ['io.ts', 'own-place.ts', 'package-file.ts', 'output/'],
    ['command.ts'],
    ['aborted.ts', 'exit-codes.ts', 'usage-error.ts'],
  ],
}

/** The room of a file, and the number of its floor. The longest name wins. */
function placeOf(name: string, file: string): { room: string; floor: number } | undefined {
  let place: { room: string; floor: number } | undefined
  floors[name]?.forEach((rooms, floor) => {
    for (const room of rooms) {
      if (!file.startsWith(room) || (place !== undefined && place.room.length >= room.length)) continue
      place = { room, floor }
    }
  })
  return place
}

/** Pure: no socket, no timer, no clock. */
const pure = [
  { name: 'zre', folder: 'wire', builtins: ['node:crypto', 'node:buffer', 'node:net'] },
  { name: 'zre', folder: 'machine', builtins: [] },
  { name: 'core', folder: 'directory', builtins: [] },
]

const impure =
  /\b(?:set(?:Timeout|Interval|Immediate)|queueMicrotask|performance|Date|Math\.random|process)\b/g
const comment = /\/\*[\s\S]*?\*\/|\/\/.*$/gm

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
      const { dependencies, peerDependencies, devDependencies } = await manifest(name)
      // The library is bundled into the program.
      const bundled = name === 'cli' ? devDependencies : {}
      const known = Object.keys({ ...dependencies, ...peerDependencies, ...bundled })
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

    test('no circle', async () => {
      assert.equal(findCycle(await importsOf(name))?.join(' → '), undefined)
    })
  })
}

for (const name of ['zre', 'core', 'cli'] as const) {
  test(`every file of ${name} has its floor`, async () => {
    const files = await sources(name)
    assert.deepEqual(
      files.filter((file) => placeOf(name, file) === undefined),
      [],
    )
  })

  test(`files of ${name} import from floors below their own`, async () => {
    const wrong = (await importsOf(name)).filter(({ from, to, own }) => {
      const [source, target] = [placeOf(name, from), placeOf(name, to)]
      if (!own || source === undefined || target === undefined || source.room === target.room) return false
      return target.floor <= source.floor
    })
    assert.deepEqual(list(wrong), [])
  })
}

for (const { name, folder: part, builtins } of pure) {
  test(`${name}/${part} is pure`, async () => {
    const edges = (await importsOf(name)).filter(
      ({ from, to, own }) => folder(from) === part && !own && isBuiltin(to),
    )
    assert.deepEqual(list(edges.filter(({ to }) => !builtins.includes(to))), [])
  })

  test(`${name}/${part} uses no timer, no clock and no chance`, async () => {
    const found: string[] = []
    for (const file of (await sources(name)).filter((file) => folder(file) === part)) {
      const code = (await readFile(join(root, 'packages', name, 'src', file), 'utf8')).replace(comment, '')
      for (const [use] of code.matchAll(impure)) found.push(`${file} ${use}`)
    }
    assert.deepEqual(found, [])
  })
}

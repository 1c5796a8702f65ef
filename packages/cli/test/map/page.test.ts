// @ts-nocheck The page has no types.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import * as format from '#page/format.js'
import { Layout } from '#page/layout.js'
import { ranksOf } from '#page/ranks.js'
import { packageFile } from '#src/package-file.js'
import { vendored } from '#vendor'

const folder = fileURLToPath(packageFile('map/'))

describe('the libraries of the page', () => {
  test('are byte for byte those of the versions that package.json names', () => {
    const files = vendored()
    assert.deepEqual(readdirSync(`${folder}vendor`).sort(), [...files.keys()].sort())
    for (const [name, text] of files)
      assert.equal(readFileSync(`${folder}vendor/${name}`, 'utf8'), text, name)
  })

  test('say their version and their licence', () => {
    const { devDependencies } = JSON.parse(readFileSync(`${folder}../package.json`, 'utf8'))
    for (const name of ['preact', 'htm', 'd3-force']) {
      const [first] = readFileSync(`${folder}vendor/${name}.mjs`, 'utf8').split('\n')
      assert.match(
        first,
        new RegExp(
          `^/\\*! ${name} ${devDependencies[name].replaceAll('.', '\\.')}, (MIT|ISC|Apache-2\\.0): `,
        ),
      )
    }
  })

  test('load nothing from elsewhere', () => {
    for (const name of readdirSync(`${folder}vendor`).filter((name) => name.endsWith('.mjs'))) {
      const text = readFileSync(`${folder}vendor/${name}`, 'utf8')
      for (const [, from] of text.matchAll(/\bfrom\s*["']([^"']+)["']|\bimport\(/g))
        assert.match(from, /^\.\/[a-z0-9-]+\.mjs$/)
      assert.doesNotMatch(text, /sourceMappingURL/)
    }
  })
})

test('the page is small: its own files are less than 20 kB as they are sent', () => {
  const own = readdirSync(folder).filter((name) => /\.(js|css|html|svg)$/.test(name))
  const bytes = own.reduce((all, name) => all + gzipSync(readFileSync(folder + name), { level: 9 }).length, 0)
  assert.ok(bytes < 20_000, `${bytes} bytes`)
})

const service = (key, name = `service-${key}`) => ({ key, row: { name } })
const call = (from, to) => ({ key: `${from}>${to}`, row: { from, to } })

describe('columns', () => {
  test('have callers before those that they call', () => {
    const services = ['0', '1', '2', '3', '4'].map((key) => service(key))
    const edges = [call(2, 3), call(0, 1), call(1, 2), call(1, 3), call(1, 4)]
    assert.deepEqual([...ranksOf(services, edges).values()], [0, 1, 2, 3, 2])
  })

  test('end, with calls that go round in a circle and to oneself', () => {
    const services = ['1', '2', '3'].map((key) => service(key))
    const edges = [call(1, 2), call(2, 3), call(3, 1), call(2, 2)]
    assert.deepEqual([...ranksOf(services, edges).values()], [0, 1, 2])
  })

  test('of a deep and wide network cost little', () => {
    const services = Array.from({ length: 60 }, (_, i) => service(String(i)))
    const edges = services.flatMap((_, i) => Array.from({ length: 20 }, (_, k) => call(i, (i + k + 1) % 60)))
    assert.equal(new Set(ranksOf(services, edges).values()).size, 60)
  })
})

/** Runs until nothing moves: how many frames it took. */
function settle(layout) {
  let frames = 1
  while (layout.step()) frames += 1
  return frames
}

function overlaps({ nodes }) {
  return nodes.flatMap((a, i) =>
    nodes
      .slice(i + 1)
      .filter(
        (b) =>
          Math.abs(a.x - b.x) < (a.width + b.width) / 2 - 1 &&
          Math.abs(a.y - b.y) < (a.height + b.height) / 2 - 1,
      ),
  )
}

describe('the layout', () => {
  const services = Array.from({ length: 50 }, (_, i) => service(String(i + 1)))
  const edges = services.flatMap((_, i) =>
    Array.from({ length: 20 }, (_, k) => call(i + 1, ((i + k * 7) % 50) + 1)),
  )

  test('makes four steps in a frame, and ends', () => {
    const layout = new Layout()
    layout.sync(services, edges, false)
    const frames = settle(layout)
    assert.ok(frames > 20 && frames < 120, `${frames} frames`)
    assert.equal(layout.step(), false)
  })

  test('of 50 services that call each other leaves room for each', () => {
    const layout = new Layout()
    layout.sync(services, edges, false)
    settle(layout)
    assert.equal(overlaps(layout).length, 0)
    const { width, height } = layout.box
    assert.ok(width > height && width < 2400, `${width} × ${height}`)
  })

  test('of a few stands in columns, and its paths lead from one to the next', () => {
    const layout = new Layout()
    const few = [
      service('0', 'callers'),
      service('1', 'web'),
      service('2', 'articles'),
      service('3', 'comments'),
    ]
    const calls = [call(0, 1), call(1, 2), call(2, 3), call(1, 3)]
    layout.sync(few, calls, false)
    settle(layout)
    const xs = layout.nodes.map(({ x }) => x)
    assert.deepEqual(
      xs,
      xs.toSorted((a, b) => a - b),
    )
    assert.equal(overlaps(layout).length, 0)
    assert.deepEqual(
      [...layout.paths.keys()],
      calls.map(({ key }) => key),
    )
    for (const { d, x, y } of layout.paths.values()) {
      assert.match(d, /^M[-\d. ]+C[-\dC. ]+$/)
      assert.ok(Number.isFinite(x + y))
    }
    layout.sync(few, calls, true)
    settle(layout)
    const ys = layout.nodes.map(({ y }) => y)
    assert.deepEqual(
      ys,
      ys.toSorted((a, b) => a - b),
    )
  })

  test('does nothing when only figures change', () => {
    const layout = new Layout()
    layout.sync(services, edges, false)
    settle(layout)
    const before = JSON.stringify(layout.nodes.map(({ x, y }) => [x, y]))
    layout.sync(
      services.map(({ key, row }) => ({ key, row: { ...row, rate: 7 } })),
      edges.map(({ key, row }) => ({ key, row: { ...row, rate: 7 } })),
      false,
    )
    assert.equal(layout.moving, false)
    assert.equal(JSON.stringify(layout.nodes.map(({ x, y }) => [x, y])), before)
  })

  test('takes what calls itself, calls back, and what is not there', () => {
    const layout = new Layout()
    layout.sync([service('1'), service('2')], [call(1, 1), call(1, 2), call(2, 1), call(1, 9)], false)
    settle(layout)
    assert.deepEqual([...layout.paths.keys()], ['1>1', '1>2', '2>1'])
    for (const { d } of layout.paths.values()) assert.doesNotMatch(d, /NaN|undefined/)
  })
})

test('numbers are those that people read', () => {
  assert.deepEqual([undefined, 0, 0.02, 3.14159, 42.4, 12_345].map(format.rate), [
    '–',
    '0',
    '< 0.1',
    '3.1',
    '42',
    '12,345',
  ])
  assert.deepEqual([undefined, 0, 0.004, 0.031, 1].map(format.share), [
    '–',
    '0\u00a0%',
    '< 1\u00a0%',
    '3\u00a0%',
    '100\u00a0%',
  ])
  assert.deepEqual([undefined, 0.44, 12.4, 1500].map(format.milliseconds), [
    '–',
    '0.4\u00a0ms',
    '12\u00a0ms',
    '1.5\u00a0s',
  ])
  assert.deepEqual([0, 2048, 5_000_000].map(format.bytes), ['0 bytes', '2 KiB', '5 MiB'])
})

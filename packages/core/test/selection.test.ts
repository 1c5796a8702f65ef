import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import semver from 'semver'
import { loadFor, selectorOf } from '#src/client/selection.js'
import { testOfRange } from '#src/client/version-range.js'
import { isMeta, metaText, parseMeta } from '#src/shared/meta.js'
import { environmentOptions } from '#src/shared/options/environment.js'
import { checkOptions } from '#src/shared/options/options.js'
import type { CallOptions, Instance } from '#src/types.js'
import { FakeNetwork } from './fake-network.js'
import { type Endpoint, join } from './harness.js'

const members: [version: string, meta: Record<string, string>][] = [
  ['1.4.0', { zone: 'a' }],
  ['2.1.3', { zone: 'a', canary: 'true' }],
  ['2.5.0', { zone: 'b' }],
  ['unknown', {}],
]

describe('a call chooses its instance', () => {
  const network = new FakeNetwork()
  let client: Endpoint
  const services: Endpoint[] = []
  before(async () => {
    for (const [version, meta] of members) {
      const handler = (_: unknown, res: { end(text: string): void }) => res.end(version)
      services.push(await join(network, { service: 'foo', version, meta, handler: handler as never }))
    }
    client = await join(network)
  })
  after(async () => {
    for (const { sleuth } of [client, ...services]) await sleuth.close()
  })

  async function seen(init: CallOptions, calls = 8): Promise<string[]> {
    const versions = new Set<string>()
    for (let call = 0; call < calls; call++) {
      versions.add(String((await client.sleuth.request('sleuth://foo/', init)).body))
    }
    return [...versions].sort()
  }

  it('by the range of its version', async () => {
    assert.deepEqual(await seen({ version: '^2' }), ['2.1.3', '2.5.0'])
    assert.deepEqual(await seen({ version: '1.x || >=2.5' }), ['1.4.0', '2.5.0'])
    assert.deepEqual(await seen({ version: '*' }), ['1.4.0', '2.1.3', '2.5.0', 'unknown'])
  })

  it('by labels, or by a function', async () => {
    assert.deepEqual(await seen({ where: { zone: 'a' } }), ['1.4.0', '2.1.3'])
    assert.deepEqual(await seen({ where: { zone: 'a', canary: 'true' } }), ['2.1.3'])
    assert.deepEqual(await seen({ where: ({ meta }) => meta.zone === undefined }), ['unknown'])
    assert.deepEqual(await seen({ where: { zone: 'a' }, version: '^2' }), ['2.1.3'])
  })

  it('by what it prefers', async () => {
    assert.deepEqual(await seen({ prefer: { zone: 'b' } }), ['2.5.0'])
    assert.deepEqual(await seen({ prefer: { zone: 'c' } }), ['1.4.0', '2.1.3', '2.5.0', 'unknown'])
    assert.equal((await seen({ prefer: 'host' })).length, 4)
  })

  it('by a key', async () => {
    for (const key of ['a', 'b', 'c']) assert.equal((await seen({ key })).length, 1)
    assert.equal((await seen({ key: 'a', where: { zone: 'b' } })).length, 1)
  })

  it('with do, fetch and the client of one service', async () => {
    const where = { canary: 'true' }
    assert.equal(await (await client.sleuth.do('sleuth://foo/', { where })).text(), '2.1.3')
    assert.equal(await (await client.sleuth.fetch('sleuth://foo/', { sleuth: { where } })).text(), '2.1.3')
    const foo = client.sleuth.service('foo', { version: '^2', where })
    assert.equal(await (await foo.do('/')).text(), '2.1.3')
    assert.equal(await (await foo.fetch('/')).text(), '2.1.3')
    assert.equal(String((await foo.request('/')).body), '2.1.3')
  })

  it('and is told what there is instead', async () => {
    await assert.rejects(client.sleuth.request('sleuth://foo/', { version: '^3', where: { zone: 'a' } }), {
      code: 'SLEUTH_NO_MATCH',
      codes: [1070, 934],
      statusCode: 503,
      retryable: true,
      mayHaveRun: false,
      message:
        /"foo" matches version \^3, zone=a; instances: 4, of version 1\.4\.0, 2\.1\.3, 2\.5\.0, unknown/,
    })
    await assert.rejects(client.sleuth.request('sleuth://bar/', { version: '^3' }), {
      code: 'SLEUTH_UNKNOWN_SERVICE',
    })
    await assert.rejects(client.sleuth.request('sleuth://foo/', { version: '^3', waitFor: 1 }), {
      code: 'SLEUTH_NO_MATCH',
    })
  })

  it('waits for one that matches', async () => {
    const called = client.sleuth.request('sleuth://foo/', { version: '^9', waitFor: true })
    const late = await join(network, {
      service: 'foo',
      version: '9.0.0',
      handler: (_, res) => res.end('late'),
    })
    assert.equal(String((await called).body), 'late')
    await late.sleuth.close()
  })

  it('and sees the labels of all', () => {
    const [foo] = client.sleuth.services()
    assert.deepEqual(
      foo?.instances.map(({ meta }) => ({ ...meta })),
      members.map(([, meta]) => meta),
    )
  })

  it('unless its options are wrong', async () => {
    for (const init of [
      { version: 'x y z' },
      { version: 2 },
      { where: {} },
      { where: [] },
      { where: 'zone' },
      { where: { zone: 1 } },
      { prefer: 'near' },
      { prefer: {} },
      { key: 1 },
    ])
      await assert.rejects(client.sleuth.request('sleuth://foo/', init as never), { code: 'SLEUTH_ARGUMENT' })
  })
})

it('a range means what npm means by it', async () => {
  await loadFor({ version: '*' })
  const version = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map((parts) => parts.join('.'))
  const range = fc
    .tuple(fc.constantFrom('^', '~', '>=', '<', '=', ''), version)
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(version, range, (one, other) => {
      const { matches } = selectorOf({ version: other }, () => undefined)
      return matches({ version: one } as Instance) === semver.satisfies(one, other)
    }),
  )
})

it('ranges and versions without number are right, and few are kept', async () => {
  await loadFor({ version: '*' })
  for (let range = 1; range < 200; range++)
    for (const version of [range, range + 1, -1])
      assert.equal(testOfRange(`^${range}.1`)?.({ version: `${version}.2.0` } as Instance), version === range)
  const test = testOfRange('1.x') ?? assert.fail()
  for (let patch = 0; patch < 1000; patch++)
    assert.ok(test({ version: `1.0.${patch}` } as Instance) && !test({ version: `2.0.${patch}` } as Instance))
  assert.equal(testOfRange('1.x'), test, 'it remembers what it has read')
  assert.equal(testOfRange('no range'), undefined)
})

describe('labels', () => {
  it('are read as they were written', () => {
    const text = fc.string({ minLength: 1, maxLength: 20 }).filter((value) => isMeta({ [value]: value }))
    fc.assert(
      fc.property(fc.dictionary(text, text, { maxKeys: 5 }), (meta) => {
        assert.deepEqual({ ...parseMeta(metaText(meta)) }, { ...meta })
      }),
    )
    assert.equal(metaText({ b: '1', a: '2' }), metaText({ a: '2', b: '1' }))
    assert.equal(metaText({}), '')
  })

  it('of a peer that are nonsense count as none', () => {
    for (const text of [
      '{',
      '[]',
      '1',
      'null',
      '{"a":1}',
      '{"":"a"}',
      '{"a":"\\n"}',
      JSON.stringify({ a: 'x'.repeat(1025) }),
    ])
      assert.equal(parseMeta(text), undefined, text)
    assert.deepEqual(Object.keys(parseMeta('{"__proto__":"x"}') ?? {}), ['__proto__'])
  })

  it('of a peer that are nonsense are logged and counted, and the peer is an instance without labels', async () => {
    const network = new FakeNetwork()
    const { sleuth, problems } = await join(network)
    const texts = [
      '{',
      '[]',
      '{"a":1}',
      '{"weight":"\\u0000"}',
      '['.repeat(1e5),
      `{"a":"${'x'.repeat(1e6)}"}`,
    ]
    const announced = { group: 'SLEUTH-v1', node: 'N', type: 'foo', 'sleuth-wire': '2' }
    for (const meta of [...texts, '{"__proto__":"x","weight":"1e999"}'])
      network.add({ headers: { ...announced, 'sleuth-meta': meta }, groups: ['SLEUTH-v1'] })
    const instances = sleuth.services()[0]?.instances ?? []
    assert.deepEqual(
      instances.map(({ meta }) => Object.keys(meta)),
      [...texts.map(() => []), ['__proto__', 'weight']],
    )
    assert.equal(sleuth.stats().dropped.SLEUTH_LABELS, texts.length)
    assert.ok(
      problems().every(({ fields, message }) => fields.code === 'SLEUTH_LABELS' && message.length < 300),
    )
    assert.equal(problems().length, 5, 'the log has no more of one kind in a second')
  })

  it('are checked as an option, and come by environment', () => {
    for (const meta of [[], 'zone=a', { zone: 1 }, { zone: 'a\n' }, { zone: 'x'.repeat(1025) }])
      assert.throws(() => checkOptions({ meta }), {
        code: 'SLEUTH_OPTION',
        message: /options\.meta must be an object/,
      })
    const meta: Record<string, string> = JSON.parse('{"zone":"a","__proto__":"b"}')
    const checked = checkOptions({ meta })
    meta.zone = 'b'
    assert.deepEqual(Object.entries(checked.meta ?? {}), [
      ['zone', 'a'],
      ['__proto__', 'b'],
    ])
    assert.deepEqual(environmentOptions({ SLEUTH_META: 'zone=a, canary=true=b' }), {
      meta: { zone: 'a', canary: 'true=b' },
    })
    assert.deepEqual(environmentOptions({ SLEUTH_META: 'zone=a' }, { meta: {} }), {})
    assert.throws(() => environmentOptions({ SLEUTH_META: 'zone' }), {
      code: 'SLEUTH_OPTION',
      message: /SLEUTH_META/,
    })
  })
})

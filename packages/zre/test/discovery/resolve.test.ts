import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Resolver, resolveSeed } from '#src/discovery/resolve.js'
import { parseSeed, type Seed } from '#src/discovery/seed.js'

type Lookup = Exclude<Seed, { kind: 'file' }>

function failure(code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(code), { code }))
}

const resolver: Resolver = {
  addresses(name) {
    if (name === 'many')
      return Promise.resolve(['10.0.0.1', 'fd00::1', '10.0.0.2', '10.0.0.1', '::ffff:10.0.0.3'])
    if (name === 'pod-1' || name === 'pod-2') return Promise.resolve([`10.0.1.${name.at(-1)}`])
    if (name === 'flood')
      return Promise.resolve(Array.from({ length: 5000 }, (_, at) => `10.1.${at >> 8}.${at & 255}`))
    if (name === '') return Promise.resolve(['10.0.2.1'])
    return failure(name === 'broken' ? 'EAI_AGAIN' : 'ENOTFOUND')
  },
  services(name) {
    const targets: Record<string, [string, number][]> = {
      _pods: [
        ['pod-1', 7001],
        ['pod-2', 7002],
        ['broken', 7003],
      ],
      _broken: [['broken', 7003]],
      _none: [
        ['', 0],
        ['', 7004],
        ['pod-1', 0],
      ],
    }
    const found = targets[name]
    return found === undefined
      ? failure('ENODATA')
      : Promise.resolve(found.map(([target, port]) => ({ name: target, port })))
  },
}

async function endpointsOf(text: string): Promise<string[]> {
  const found = await resolveSeed(parseSeed(text) as Lookup, resolver)
  return found.map(({ endpoint }) => endpoint)
}

describe('a seed is looked up', () => {
  it('if it is a name, for all of its addresses, each once', async () => {
    assert.deepEqual(await endpointsOf('dns://many:80'), [
      'tcp://10.0.0.1:80',
      'tcp://[fd00::1]:80',
      'tcp://10.0.0.2:80',
    ])
  })

  it('if it has SRV records, for the ports as well, whoever of the targets is missing', async () => {
    assert.deepEqual(await endpointsOf('dns+srv://_pods'), ['tcp://10.0.1.1:7001', 'tcp://10.0.1.2:7002'])
  })

  it('not at all if it is an address', async () => {
    assert.deepEqual(await endpointsOf('tcp://192.0.2.1:1'), ['tcp://192.0.2.1:1'])
  })

  it('and leads nowhere when the name is unknown or empty', async () => {
    assert.deepEqual(await endpointsOf('dns://unknown'), [])
    assert.deepEqual(await endpointsOf('dns+srv://_unknown'), [])
    assert.deepEqual(await endpointsOf('dns+srv://_none'), [])
  })

  it('and fails when nobody answers', async () => {
    await assert.rejects(endpointsOf('dns://broken'), { code: 'EAI_AGAIN' })
    await assert.rejects(endpointsOf('dns+srv://_broken'), { code: 'EAI_AGAIN' })
  })

  it('with an end to what is taken', async () =>
    assert.equal((await endpointsOf('dns://flood')).length, 1024))
})

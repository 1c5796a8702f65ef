import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Discovery, generateKeys, type NodeOptions } from '@sleuth/zre'
import { checkDiscovery } from '#src/discovery/settings.js'

const nothing = { discovery: undefined, seeds: [], listen: {}, advertise: undefined, networks: [] }
const own: Discovery = { name: 'own', start() {}, close() {} }
const { publicKey } = generateKeys()

describe('the options of discovery', () => {
  it('have these defaults', () => {
    assert.deepEqual(checkDiscovery({}, {}), nothing)
  })

  it('are taken as they are given', () => {
    const { seeds, ...rest } = checkDiscovery(
      {
        discovery: ['beacon', 'host', own],
        seeds: ['tcp://10.0.0.5', 'file:///seeds'],
        listen: { port: 5670, host: '0.0.0.0' },
        advertise: 'tcp://[2001:DB8::7]',
        networks: ['10.0.0.0/8', 'fd00::/8'],
      },
      {},
    )
    assert.deepEqual(
      seeds.map(({ text }) => text),
      ['tcp://10.0.0.5', 'file:///seeds'],
    )
    assert.deepEqual(rest, {
      discovery: ['beacon', 'host', own],
      listen: { port: 5670, host: '0.0.0.0' },
      advertise: 'tcp://[2001:db8::7]:5670',
      networks: ['10.0.0.0/8', 'fd00::/8'],
    })
  })

  it('come from the environment where they are not given', () => {
    const env = {
      SLEUTH_DISCOVERY: 'host',
      SLEUTH_SEEDS: 'tcp://10.0.0.5, dns://api',
      SLEUTH_LISTEN: '5671',
      SLEUTH_ADVERTISE: 'tcp://203.0.113.7:5670',
      SLEUTH_NETWORKS: '10.0.0.0/8,fd00::/8',
    }
    const { seeds, ...rest } = checkDiscovery({}, env)
    assert.equal(seeds.length, 2)
    assert.deepEqual(rest, {
      discovery: ['host'],
      listen: { port: 5671, host: undefined },
      advertise: 'tcp://203.0.113.7:5670',
      networks: ['10.0.0.0/8', 'fd00::/8'],
    })
    const given = { discovery: [], seeds: [], listen: {}, advertise: 'tcp://10.0.0.1:1', networks: [] }
    assert.deepEqual(checkDiscovery(given, env), {
      ...given,
      listen: { port: undefined, host: undefined },
    })
  })

  it('of the environment may be empty, and say none', () => {
    const env = {
      SLEUTH_DISCOVERY: '',
      SLEUTH_SEEDS: ' ',
      SLEUTH_LISTEN: '',
      SLEUTH_ADVERTISE: '',
      SLEUTH_NETWORKS: '',
    }
    assert.deepEqual(checkDiscovery({}, env), nothing)
    assert.deepEqual(checkDiscovery({}, { SLEUTH_DISCOVERY: 'none' }).discovery, [])
  })

  it('say where to listen by port, and by host and port', () => {
    const listen = (text: string) => checkDiscovery({}, { SLEUTH_LISTEN: text }).listen
    assert.deepEqual(listen('0.0.0.0:5670'), { host: '0.0.0.0', port: 5670 })
    assert.deepEqual(listen('[::]:5670'), { host: '::', port: 5670 })
    for (const text of ['x', ':5670', '0.0.0.0', '0', '65536', 'example.org:5670', '::1:5670']) {
      assert.throws(() => listen(text), { code: 'ZRE_OPTION', message: /^SLEUTH_LISTEN/ }, text)
    }
  })

  const wrong: [option: keyof NodeOptions, value: unknown, message: RegExp][] = [
    ['discovery', 'beacon', /^discovery must be an array/],
    ['discovery', ['mdns'], /^discovery must be "beacon", "host", or objects/],
    ['discovery', [{ name: 'x' }], /objects with name, start and close/],
    ['discovery', [null], /objects/],
    ['seeds', 'tcp://10.0.0.5', /^seeds must be an array/],
    ['seeds', ['10.0.0.5'], /^a seed must be tcp:/],
    ['seeds', [7], /^a seed must be a string/],
    ['seeds', [`tcp://10.0.0.5#${publicKey}`], /security is not set/],
    ['listen', 5670, /^listen must be an object/],
    ['listen', { port: 0 }, /^listen.port must be a whole number/],
    ['listen', { port: '5670' }, /^listen.port/],
    ['listen', { host: 'localhost' }, /^listen.host must be an address/],
    ['listen', { address: '10.0.0.1' }, /port and host alone/],
    ['advertise', 'tcp://example.org:5670', /^advertise must be an endpoint with a literal address/],
    ['advertise', 5670, /^advertise/],
    ['networks', '10.0.0.0/8', /^networks must be an array/],
    ['networks', ['10.0.0.0/33'], /^networks must be a list of blocks/],
    ['networks', [7], /^networks/],
  ]
  for (const [option, value, message] of wrong) {
    it(`${option} is not ${JSON.stringify(value)}`, () => {
      const options = { [option]: value } as NodeOptions
      assert.throws(() => checkDiscovery(options, {}), { code: 'ZRE_OPTION', message })
    })
  }

  it('may have a key with a seed where there is security', () => {
    const keys = generateKeys()
    const security = { ...keys, allow: [] }
    const [seed] = checkDiscovery({ seeds: [`dns://api#${publicKey}`], security }, {}).seeds
    assert.ok(seed?.kind === 'name' && seed.key === publicKey)
  })
})

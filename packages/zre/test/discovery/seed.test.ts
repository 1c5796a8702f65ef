import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseSeed, splitList } from '#src/discovery/seed.js'

const key = 'Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID'

describe('a seed', () => {
  it('is an address, a name, a name with SRV records, or a file', () => {
    const seeds: [text: string, seed: object][] = [
      ['tcp://10.0.0.5:5671', { kind: 'address', address: '10.0.0.5', port: 5671, key: undefined }],
      ['tcp://10.0.0.5', { kind: 'address', address: '10.0.0.5', port: 5670, key: undefined }],
      ['tcp://[FD00:0::1]:80', { kind: 'address', address: 'fd00::1', port: 80, key: undefined }],
      ['tcp://[fd00::1]', { kind: 'address', address: 'fd00::1', port: 5670, key: undefined }],
      ['tcp://sleuth-seed', { kind: 'name', name: 'sleuth-seed', port: 5670, key: undefined }],
      ['dns://tasks.api:5000', { kind: 'name', name: 'tasks.api', port: 5000, key: undefined }],
      [
        'dns+srv://_sleuth._tcp.example.org',
        { kind: 'service', name: '_sleuth._tcp.example.org', key: undefined },
      ],
      [`tcp://10.0.0.5:5670#${key}`, { kind: 'address', address: '10.0.0.5', port: 5670, key }],
      [`dns://api#${key}`, { kind: 'name', name: 'api', port: 5670, key }],
      ['file:///run/sleuth/seeds', { kind: 'file', path: '/run/sleuth/seeds' }],
    ]
    for (const [text, seed] of seeds) assert.deepEqual(parseSeed(text), { text, ...seed })
  })

  it('that is wrong says how', () => {
    const wrong: [text: string, problem: RegExp][] = [
      ['', /must be tcp:/],
      ['10.0.0.5:5670', /must be tcp:/],
      ['http://10.0.0.5', /must be tcp:/],
      ['tcp://', /must be tcp:/],
      ['tcp://user@host', /must be tcp:/],
      ['tcp://host/path', /must be tcp:/],
      ['tcp://fd00::1', /must be tcp:/],
      ['tcp://host:0', /port from 1/],
      ['tcp://host:65536', /port from 1/],
      ['tcp://10.0.0.256', /well formed/],
      ['tcp://a b', /well formed/],
      [`tcp://${'a'.repeat(254)}`, /well formed/],
      ['tcp://[10.0.0.1]', /brackets/],
      ['tcp://[::ffff:10.0.0.1]', /well formed/],
      ['tcp://[fe80::1%eth0]', /well formed/],
      ['dns://10.0.0.5', /not an address/],
      ['dns+srv://_sleuth._tcp.example.org:5670', /no port/],
      ['tcp://host#short', /public key/],
      ['file://host/seeds', /file on this host/],
    ]
    for (const [text, problem] of wrong) {
      const result = parseSeed(text)
      assert.match(typeof result === 'string' ? result : JSON.stringify(result), problem, text)
    }
  })

  it('of any text is a seed, or the end of a sentence that says what is wrong', () => {
    // Not `fc.webUrl()`: to make it takes seconds.
    const url = fc
      .tuple(
        fc.constantFrom('tcp', 'dns', 'dns+srv', 'file', 'http', ''),
        fc.oneof(
          fc.string(),
          fc.domain(),
          fc.ipV4(),
          fc.ipV6().map((address) => `[${address}]`),
        ),
        fc.constantFrom('', ':', ':5670', ':70000', '/', '#', '?'),
        fc.string(),
      )
      .map(([scheme, host, divider, rest]) => `${scheme}://${host}${divider}${rest}`)
    fc.assert(
      fc.property(fc.oneof(fc.string(), url), (text) => {
        const seed = parseSeed(text)
        assert.ok(typeof seed === 'string' ? seed.startsWith('must ') : seed.text === text)
      }),
    )
  })
})

describe('a list of seeds', () => {
  it('is divided by commas and white space', () => {
    assert.deepEqual(splitList(' tcp://a, tcp://b\ttcp://c\n,,'), ['tcp://a', 'tcp://b', 'tcp://c'])
    assert.deepEqual(splitList(''), [])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SleuthError } from '#src/shared/errors.js'
import { checkOptions, type OptionsInput } from '#src/shared/options/options.js'
import type { SleuthOptions } from '#src/types.js'

const handler = () => {}

/** The type that users read, and the schema, take the same. An unknown level is taken, and logged, as in Go. */
type Both<A extends B, B> = A
type Documented = Required<Omit<SleuthOptions, 'logLevel'>>
type Checked = Required<Omit<OptionsInput, 'logLevel'>>
export type SameOptions = [Both<Documented, Checked>, Both<Checked, Documented>]

function problemOf(options: unknown): SleuthError {
  try {
    checkOptions(options)
  } catch (error) {
    assert.ok(error instanceof SleuthError)
    return error
  }
  assert.fail(`taken: ${JSON.stringify(options)}`)
}

describe('options', () => {
  it('are those of the adapter in what it says of an unknown one', () => {
    assert.throws(
      () => checkOptions({ servce: 'echo' }, { adapter: ['onError'] }),
      (error: Error) =>
        /the options are service, interface, .*onError$/.test(error.message) &&
        !/handler/.test(error.message),
    )
  })

  it("has Go's defaults", () => {
    const { service, interface: adapter, limits, ...rest } = checkOptions()
    assert.equal(service, undefined)
    assert.equal(adapter, undefined)
    assert.deepEqual(
      { ...limits },
      {
        message: 32 * 1024 * 1024,
        unzipped: 64 * 1024 * 1024,
        url: 16_384,
        headers: 2000,
        headerBytes: 65_536,
        streams: 2500,
        buffered: 128 * 1024 * 1024,
        peers: 1024,
        requestTime: 300_000,
        event: 256 * 1024,
        eventQueue: 4 * 1024 * 1024,
        patterns: 256,
      },
    )
    assert.deepEqual(
      [rest.port, rest.version, rest.group, rest.timeout, rest.enabled, rest.logLevel],
      [5670, 'unknown', 'SLEUTH-v1', 500, true, 'silent'],
    )
  })

  it('gives a new frozen object, and leaves the caller its own', () => {
    const given = { service: 'echo', handler, limits: { message: 2048 } }
    const before = structuredClone({ ...given, handler: null })
    const checked = checkOptions(given)
    assert.notEqual(checked, given)
    assert.ok(Object.isFrozen(checked) && Object.isFrozen(checked.limits))
    assert.deepEqual({ ...given, handler: null }, before)
    assert.equal(checked.limits.message, 2048)
    assert.equal(checked.limits.unzipped, 64 * 1024 * 1024)
    assert.ok(checkOptions(Object.freeze({ ...given })))
  })

  it('fills up what is said of tries, of load and of leaving', () => {
    const retry = { tries: 3, nonIdempotent: false, hedgeAfter: undefined }
    const { maxInflight, drainTimeout, retryBudget, balance, ...rest } = checkOptions()
    assert.deepEqual([maxInflight, drainTimeout, retryBudget, balance], [5000, 5000, 0.2, 'round-robin'])
    assert.deepEqual({ ...rest.retry }, retry)
    assert.deepEqual({ ...checkOptions({ retry: false }).retry }, { ...retry, tries: 1 })
    const given = { tries: 100, nonIdempotent: true, hedgeAfter: 0.5, budget: 1 }
    const full = checkOptions({ retry: given, maxInflight: Infinity, drainTimeout: 0 })
    assert.deepEqual({ ...full.retry, budget: full.retryBudget }, given)
    assert.deepEqual([full.maxInflight, full.drainTimeout], [Infinity, 0])
    assert.equal(checkOptions().lostAfter, 1500)
    assert.equal(checkOptions({ lostAfter: 300 }).lostAfter, 300)
    assert.equal(checkOptions({ lostAfter: 600_000 }).lostAfter, 600_000)
    assert.equal(checkOptions({ retry: { hedgeAfter: false } }).retry.hedgeAfter, Infinity)
    assert.equal(checkOptions({ retry: { budget: 0 } }).retryBudget, 0)
  })

  it('takes lists of seeds, networks and discoveries, and leaves the caller its own', () => {
    const discovery = { name: 'own', start() {}, close() {} }
    const given = { discovery: ['host' as const, discovery], seeds: ['tcp://a'], networks: ['10.0.0.0/8'] }
    const { seeds, ...checked } = checkOptions({
      ...given,
      listen: { port: 5670 },
      advertise: 'tcp://10.0.0.1:1',
    })
    given.seeds.push('tcp://b')
    assert.deepEqual(seeds, ['tcp://a'])
    assert.deepEqual(checked.discovery, ['host', discovery])
    assert.deepEqual([checked.networks, checked.listen], [['10.0.0.0/8'], { port: 5670 }])
  })

  it('takes options that are set to undefined as not set', () => {
    assert.equal(checkOptions({ port: undefined, timeout: undefined, service: undefined }).port, 5670)
  })

  it('demands a handler with a service, unless it follows', () => {
    const error = problemOf({ service: 'echo' })
    assert.equal(error.code, 'SLEUTH_HANDLER')
    assert.match(error.message, /"echo" needs a handler: set options\.handler/)
    assert.equal(checkOptions({ service: 'echo' }, { adapter: [] }).service, 'echo')
  })

  it('takes any service name that can stand in a URL', () => {
    for (const service of [
      'a',
      'article-service',
      'Article.Service_2~',
      "a!b$c&d'e(f)g*h+i,j;k=l",
      'x'.repeat(255),
    ]) {
      assert.equal(checkOptions({ service, handler }).service, service)
      assert.equal(new URL(`sleuth://${service}/path`).host, service)
    }
  })

  const wrong: [options: unknown, option: string, says: RegExp][] = [
    [{ service: '', handler }, 'service', /must not be empty/],
    [{ service: 'x'.repeat(256), handler }, 'service', /at most 255 bytes/],
    [{ service: 'a/b', handler }, 'service', /letters, digits and/],
    [{ service: 'a b', handler }, 'service', /letters, digits and/],
    [{ service: 'é', handler }, 'service', /letters, digits and/],
    [{ service: 'a:80', handler }, 'service', /letters, digits and/],
    [{ service: 'a@b', handler }, 'service', /letters, digits and/],
    [{ service: 'a%20b', handler }, 'service', /"%", which Go peers mangle/],
    [{ service: 5, handler }, 'service', /must be a string, not 5/],
    [{ service: null, handler }, 'service', /must be a string, not null/],
    [{ service: 'echo', handler: {} }, 'handler', /must be a function \(req, res\).*not an object/],
    [{ interface: '' }, 'interface', /must not be empty/],
    [{ interface: 1 }, 'interface', /must be a string/],
    [{ discovery: 'beacon' }, 'discovery', /must be a list of "beacon", "host"/],
    [{ discovery: ['mdns'] }, 'discovery', /must be a list/],
    [{ seeds: 'tcp://10.0.0.5' }, 'seeds', /must be a list of seeds/],
    [{ seeds: [5] }, 'seeds', /must be a list of seeds/],
    [{ listen: 5670 }, 'listen', /must be an object with port and host/],
    [{ listen: { port: '5670' } }, 'listen.port', /must be a port/],
    [{ listen: { address: 'x' } }, 'listen.address', /is unknown: listen takes port, host/],
    [{ advertise: 5670 }, 'advertise', /must be an endpoint/],
    [{ networks: '10.0.0.0/8' }, 'networks', /must be a list of networks/],
    [{ version: '1%' }, 'version', /Go peers mangle/],
    [{ version: 'a\nb' }, 'version', /control characters/],
    [{ group: '' }, 'group', /must not be empty/],
    [{ group: 'x'.repeat(256) }, 'group', /at most 255 bytes/],
    [{ name: '' }, 'name', /must not be empty/],
    [{ timeout: 0 }, 'timeout', /from 1 to 2147483647, or Infinity/],
    [{ timeout: -1 }, 'timeout', /milliseconds/],
    [{ timeout: Number.NaN }, 'timeout', /milliseconds/],
    [{ timeout: 2 ** 31 }, 'timeout', /milliseconds/],
    [{ timeout: '500' }, 'timeout', /milliseconds.*not "500"/],
    [{ filter: true }, 'filter', /must be a function \(req\)/],
    [{ enabled: 'no' }, 'enabled', /must be true or false/],
    [{ limits: 5 }, 'limits', /must be an object/],
    [{ limits: { message: 1 } }, 'limits.message', /at least 1024/],
    [{ limits: { message: 2 ** 40 } }, 'limits.message', /at most 256 MiB/],
    [{ limits: { unzipped: 2048.5 } }, 'limits.unzipped', /whole number/],
    [{ limits: { zipped: 2048 } }, 'limits.zipped', /is unknown/],
    [{ logger: {} }, 'logger', /trace, debug, info, warn, error/],
    [{ logger: console.log }, 'logger', /must be a logger/],
    [{ logLevel: 5 }, 'logLevel', /must be a string/],
    [{ servce: 'echo' }, 'servce', /is unknown: the options are service, handler/],
    [{ limits: { peers: 0 } }, 'limits.peers', /from 1 to 16384/],
    [{ limits: { peers: 16_385 } }, 'limits.peers', /from 1 to 16384/],
    [{ limits: { body: 1 } }, 'limits.body', /is unknown: limits takes message, unzipped/],
    [{ constructor: 1 }, 'constructor', /is unknown/],
    [{ security: 'secret' }, 'security', /must be an object with publicKey, secretKey and allow$/],
    [{ limits: [] }, 'limits', /must be an object, not an array/],
    [{ retry: [] }, 'retry', /must be an object, not an array/],
    [{ retry: { hedgeAfter: 'p0' } }, 'retry.hedgeAfter', /a percentile such as/],
    [{ security: {} }, 'security.publicKey', /is missing: security takes publicKey, secretKey and allow$/],
    [
      { security: { publicKey: 'x', secretKey: 5, allow: [] } },
      'security.secretKey',
      /must be a key as text.*them$/,
    ],
    [
      { security: { publicKey: 'x', secretKey: 'y', allow: [5] } },
      'security.allow',
      /must be a list of public/,
    ],
    [
      { security: { publicKey: 'x', secretKey: 'y', allow: [], key: 1 } },
      'security.key',
      /is unknown: .*allow$/,
    ],
    [{ maxInflight: 0 }, 'maxInflight', /whole number of requests, at least 1/],
    [{ maxInflight: 1.5 }, 'maxInflight', /whole number of requests/],
    [{ lostAfter: 299 }, 'lostAfter', /from 300 to 600000/],
    [{ lostAfter: 600_001 }, 'lostAfter', /from 300 to 600000/],
    [{ lostAfter: 1000.5 }, 'lostAfter', /whole number/],
    [{ drainTimeout: -1 }, 'drainTimeout', /from 0 to 2147483647, or Infinity/],
    [{ drainTimeout: 2 ** 31 }, 'drainTimeout', /from 0 to 2147483647/],
    [{ retry: true }, 'retry', /must be false, or an object/],
    [{ retry: { tries: 0 } }, 'retry.tries', /from 1 to 100/],
    [{ retry: { tries: 101 } }, 'retry.tries', /from 1 to 100/],
    [{ retry: { hedgeAfter: 0 } }, 'retry.hedgeAfter', /above 0, at most 2147483647, a percentile/],
    [{ retry: { hedgeAfter: 2 ** 31 } }, 'retry.hedgeAfter', /at most 2147483647/],
    [{ retry: { hedgeAfter: true } }, 'retry.hedgeAfter', /above 0, at most 2147483647, a percentile/],
    [{ retry: { nonIdempotent: 1 } }, 'retry.nonIdempotent', /true or false/],
    [{ retry: { budget: 1.1 } }, 'retry.budget', /from 0 to 1/],
    [{ retry: { methods: [] } }, 'retry.methods', /is unknown: .*tries, nonIdempotent, hedgeAfter, budget/],
    [{ balance: 'random' }, 'balance', /"round-robin" or "least-pending"/],
  ]
  for (const [options, option, says] of wrong) {
    it(`names ${option} and says what would be right: ${says.source}`, () => {
      const error = problemOf(options)
      assert.equal(error.code, 'SLEUTH_OPTION')
      assert.ok(error.message.startsWith(`options.${option} `), error.message)
      assert.match(error.message, says)
    })
  }

  for (const port of [0, -1, 65536, 1.5, '5670', Number.NaN]) {
    it(`refuses the port ${JSON.stringify(port)} with Go's trace of a start that failed`, () => {
      const error = problemOf({ port })
      assert.equal(error.code, 'SLEUTH_PORT')
      assert.deepEqual(error.codes, [905, 901])
      assert.match(error.message, /options\.port/)
    })
  }

  for (const options of ['echo', 5, null, [], () => {}]) {
    it(`refuses ${JSON.stringify(options)} in place of options`, () => {
      const error = problemOf(options)
      assert.equal(error.code, 'SLEUTH_ARGUMENT')
      assert.match(error.message, /^options must be an object, not /)
    })
  }
})

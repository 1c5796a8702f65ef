import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it, type TestContext } from 'node:test'
import type { Logger, Sleuth, SleuthOptions } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { type Endpoint, join, pair, settle } from '../harness.js'

/** It is in the place of a function of the user. */
type Failing = () => never

const broken = new Error('broken')

/** A promise that is rejected ends the process, unless somebody handles it: then the runner of tests blames the test. */
const ways: Readonly<Record<string, Failing>> = {
  throws: () => {
    throw broken
  },
  'throws what has no text': () => {
    throw Object.create(null)
  },
  'gives a promise that is rejected': (async () => {
    throw broken
  }) as never,
  'gives an object whose then throws': () =>
    Object.defineProperty({}, 'then', {
      get: () => {
        throw broken
      },
    }) as never,
}

interface Case {
  /** What is set up. It answers calls as long as nothing says otherwise. */
  readonly options?: (fail: Failing) => { server?: SleuthOptions; client?: SleuthOptions }
  /** Has the function called, and asserts that somebody hears how it fails. `way`: how. */
  run(both: { sleuth: Sleuth; server: Endpoint; client: Endpoint }, fail: Failing, way: string): Promise<void>
  /** Ways in which it does not fail. */
  readonly except?: readonly string[]
}

const says = ({ lines }: Endpoint, code: string) => lines.some(({ fields }) => fields.code === code)

/** Where nobody looks at what a function gives. */
const given = ['gives a promise that is rejected', 'gives an object whose then throws']

const cases: Readonly<Record<string, Case>> = {
  'options.handler': {
    options: (handler) => ({ server: { handler } }),
    run: async ({ sleuth, server }, _fail, way) => {
      if (way === 'gives an object whose then throws') return
      const { status } = await sleuth.request('sleuth://foo/')
      assert.equal(status, 500)
      assert.ok(server.problems().length > 0)
    },
  },
  'options.filter': {
    options: (filter) => ({ server: { filter } }),
    run: async ({ sleuth, server }, _fail, way) => {
      const { status } = await sleuth.request('sleuth://foo/')
      const isRefused = way === 'gives a promise that is rejected'
      assert.equal(status, isRefused ? 404 : 500)
      assert.ok(!isRefused || says(server, 'SLEUTH_FILTER'))
    },
  },
  'options.ready': {
    options: (ready) => ({ server: { ready } }),
    run: async ({ sleuth, server }) => {
      assert.equal(sleuth.services()[0]?.instances[0]?.ready, false)
      assert.ok(says(server, 'SLEUTH_READY'))
    },
  },
  'options.introspection': {
    options: (introspection) => ({ server: { introspection } }),
    run: async ({ sleuth, server }) => {
      await assert.rejects(sleuth.inspect(server.node.id, 'stats'), { code: 'SLEUTH_INSPECT_REFUSED' })
      assert.ok(says(server, 'SLEUTH_INTROSPECTION'))
    },
  },
  'a listener of subscribe': {
    run: async ({ sleuth, client }, fail) => {
      const got: unknown[] = []
      sleuth.subscribe('a', fail, { concurrency: 1 })
      sleuth.subscribe('a', ({ data }) => void got.push(data))
      for (const data of [1, 2, 3]) await sleuth.emit('a', data)
      await settle()
      assert.deepEqual(got, [1, 2, 3])
      assert.equal(sleuth.stats().listenerErrors, 3)
      assert.ok(says(client, 'SLEUTH_EVENT_LISTENER'))
    },
  },
  "a listener of on('event')": {
    except: ['gives an object whose then throws'],
    run: async ({ sleuth, client }, fail) => {
      const got: unknown[] = []
      sleuth.on('event', fail)
      sleuth.subscribe('a', ({ data }) => void got.push(data))
      for (const data of [1, 2]) await sleuth.emit('a', data)
      await settle()
      assert.deepEqual(got, [1, 2])
      assert.equal(sleuth.stats().listenerErrors, 2)
      assert.ok(says(client, 'SLEUTH_EVENT_LISTENER'))
    },
  },
  'where of waitFor': {
    run: async ({ sleuth }, fail) => {
      await assert.rejects(sleuth.waitFor({ service: 'foo', where: fail }, 5000))
      assert.equal(sleuth.stats().errors.SLEUTH_TIMEOUT, undefined)
    },
  },
  'where of a call': {
    run: ({ sleuth }, where) => assert.rejects(sleuth.request('sleuth://foo/', { where })),
  },
  'prefer of a call': {
    run: ({ sleuth }, prefer) => assert.rejects(sleuth.request('sleuth://foo/', { prefer })),
  },
  'next of a body': {
    run: async ({ sleuth }, next) => {
      const body = { [Symbol.asyncIterator]: () => ({ next }) }
      await assert.rejects(sleuth.request('sleuth://foo/', { method: 'POST', body }), {
        code: 'SLEUTH_REQUEST_MARSHAL',
      })
    },
  },
  'return of a body': {
    run: async ({ sleuth }, fail) => {
      const body = {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}), return: fail }),
      }
      const signal = AbortSignal.timeout(20)
      await assert.rejects(sleuth.request('sleuth://foo/', { method: 'POST', body, signal }), {
        name: 'TimeoutError',
      })
    },
  },
  'a getter of headers': {
    except: given,
    run: async ({ sleuth }, fail) => {
      const headers = Object.defineProperty({}, 'a', { get: fail, enumerable: true })
      await assert.rejects(sleuth.request('sleuth://foo/', { headers }))
    },
  },
  'toJSON of what is emitted': {
    except: given,
    run: async ({ sleuth }, toJSON) => {
      sleuth.subscribe('a', () => {})
      await assert.rejects(sleuth.emit('a', { toJSON }), { code: 'SLEUTH_ARGUMENT', message: /^data/ })
    },
  },
  'addEventListener of a signal': {
    except: given,
    run: async ({ sleuth }, addEventListener) => {
      const signal = { aborted: false, reason: undefined, addEventListener, removeEventListener() {} }
      for (const call of [sleuth.do, sleuth.request])
        await assert.rejects(call('sleuth://foo/', { signal: signal as never }))
      await assert.rejects(sleuth.waitFor('bar', { signal: signal as never }))
    },
  },
}

async function check(
  context: TestContext,
  { options, run }: Case,
  fail: Failing,
  way: string,
): Promise<void> {
  const network = new FakeNetwork()
  const { server: ofServer, client: ofClient } = options?.(fail) ?? {}
  const handler = (req: IncomingMessage, res: ServerResponse) =>
    void req.resume().once('end', () => res.end('well'))
  const client = await join(network, ofClient)
  const server = await join(network, { service: 'foo', handler, ...ofServer })
  const { sleuth } = client
  context.after(() => Promise.all([sleuth.close(), server.sleuth.close()]))
  await settle()
  await run({ sleuth, server, client }, fail, way)
  await settle()
  // All goes on, and nothing is left.
  if (options === undefined) assert.equal(String((await sleuth.request('sleuth://foo/')).body), 'well')
  assert.equal(sleuth.stats().pending, 0)
}

describe('a function of the user that fails harms nobody else, and is heard of', () => {
  for (const [name, one] of Object.entries(cases))
    for (const [way, fail] of Object.entries(ways)) {
      if (one.except?.includes(way)) continue
      it(`${name} ${way}`, (context) => check(context, one, fail, way))
    }
})

describe('a logger that fails', () => {
  for (const [way, fail] of Object.entries(ways)) {
    it(`${way}: all goes on, and a warning tells of the first time`, async (context) => {
      const warnings: unknown[] = []
      const onWarning = (warning: Error) => void warnings.push(warning)
      process.on('warning', onWarning)
      context.after(() => process.off('warning', onWarning))
      const log = fail as () => void
      const logger = { trace: log, debug: log, info: log, warn: log, error: log, isLevelEnabled: log }
      const { sleuth, server } = await pair(
        (req, res) => {
          if (req.url === '/fails') throw broken
          res.end('well')
        },
        { logger: logger as Logger, ready: () => true },
      )
      assert.equal((await sleuth.request('sleuth://foo/fails')).status, 500)
      assert.equal(String((await sleuth.request('sleuth://foo/')).body), 'well')
      const got: unknown[] = []
      server.sleuth.subscribe('a', ({ data }) => {
        got.push(data)
        throw broken
      })
      server.sleuth.subscribe('a', async () => {
        throw broken
      })
      for (const data of [1, 2]) await server.sleuth.emit('a', data)
      await settle()
      assert.deepEqual(got, [1, 2])
      assert.equal(server.sleuth.stats().listenerErrors, 4)
      await sleuth.close()
      await server.sleuth.close()
      await settle()
      const ours = (warnings as { code?: string }[]).filter(({ code }) => code === 'SLEUTH_LOGGER')
      assert.equal(ours.length, way === 'gives an object whose then throws' ? 0 : 1)
    })
  }
})

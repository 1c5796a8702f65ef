import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { environment } from '#src/doctor/checks/environment.js'
import type { Context } from '#src/doctor/context.js'
import { keys, lines, problem, settings, system, well } from './given.js'

const run = (env: Record<string, string>, given: Parameters<typeof settings>[0] = {}) =>
  environment.run({ system: system({ env }), settings: settings(given) } as Context)

describe('the check environment', () => {
  test('says what each variable means', async () => {
    assert.deepEqual(
      well(
        await run({
          SLEUTH_INTERFACE: 'eth0',
          SLEUTH_LISTEN: '5670',
          HOME: '/',
          SLEUTH_SEEDS: '',
          toString: 'x',
        }),
      ),
      [
        'SLEUTH_INTERFACE is "eth0": the network interface',
        'SLEUTH_LISTEN is "5670": where the node listens',
      ],
    )
  })

  test('fails for each value that the library refuses, with what it says', async () => {
    const wrong = {
      SLEUTH_PORT: 'many',
      SLEUTH_DISCOVERY: 'smoke',
      SLEUTH_SEEDS: 'http://a',
      SLEUTH_LISTEN: ':x',
      SLEUTH_ADVERTISE: 'tcp://a-name:1',
      SLEUTH_NETWORKS: '10.0.0.0/33',
      SLEUTH_LOG_LEVEL: 'loud',
    }
    for (const [name, value] of Object.entries(wrong)) {
      const found = problem(await run({ [name]: value }))
      assert.equal(found.status, 'fail', name)
      assert.match(found.remedy, new RegExp(`Correct ${name}`))
    }
  })

  test('takes a seed with a key where there are keys alone', async () => {
    const env = { SLEUTH_SEEDS: `tcp://10.0.0.5:1#${keys.publicKey}` }
    assert.match(problem(await run(env)).text, /security is not set/)
    well(await run(env, { keys }))
  })

  test('warns of a variable that nobody reads, and names the one that was meant', async () => {
    const { text, remedy } = problem(await run({ SLEUTH_SEED: 'tcp://10.0.0.5:5670' }))
    assert.match(text, /SLEUTH_SEED is set, and sleuth reads no such variable/)
    assert.equal(remedy, 'Write SLEUTH_SEEDS.')
    assert.match(problem(await run({ sleuth_port: '1' })).remedy, /SLEUTH_PORT/)
    assert.match(problem(await run({ SLEUTH_TEAPOT: '1' })).remedy, /Unset SLEUTH_TEAPOT/)
  })

  test('shows no keys of apps', async () => {
    assert.deepEqual(lines(await run({ SLEUTH_SECRET_KEY: keys.secretKey, SLEUTH_PUBLIC_KEY: 'x' })), [])
  })
})

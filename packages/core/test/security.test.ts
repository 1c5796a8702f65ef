import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createSleuth, generateKeys, SleuthError } from '@sleuth/core'
import { freePort } from './port.js'

const handler = (_req: unknown, res: { end(text: string): void }) => res.end('closed to others')

describe('a closed network', () => {
  it('answers those whose keys are allowed', async () => {
    const port = await freePort()
    const keys = [generateKeys(), generateKeys()] as const
    const allow = keys.map(({ publicKey }) => publicKey)
    const common = { interface: 'loopback', port } as const
    await using service = await createSleuth({
      ...common,
      service: 'vault',
      handler: handler as never,
      security: { ...keys[0], allow },
    })
    await using client = await createSleuth({ ...common, security: { ...keys[1], allow } })
    await client.waitFor('vault')
    const { status, body } = await client.request('sleuth://vault/', { timeout: 5000 })
    assert.deepEqual([status, String(body)], [200, 'closed to others'])
    assert.equal(service.stats().requests, 1)
  })

  it('tells one whose key is taken out: its calls end at once, with a code, and go elsewhere', async () => {
    const port = await freePort()
    const keys = [generateKeys(), generateKeys(), generateKeys()] as const
    const allow = keys.map(({ publicKey }) => publicKey)
    const folder = await mkdtemp(join(tmpdir(), 'sleuth-allow-'))
    const list = join(folder, 'keys')
    await writeFile(list, allow.join('\n'))
    const common = { interface: 'loopback', port, service: 'vault' } as const
    let waiting = 0
    let begin = () => {}
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    await using strict = await createSleuth({
      ...common,
      handler: () => {
        if (++waiting === 2) begin()
      },
      security: { ...keys[0], allow: list },
    })
    const { service: _, ...caller } = common
    await using client = await createSleuth({ ...caller, security: { ...keys[1], allow } })
    await client.waitFor('vault')
    const retry = { hedgeAfter: false } as const
    const post = client.request('sleuth://vault/', { method: 'POST', timeout: 60_000 })
    const get = client.request('sleuth://vault/', { timeout: 60_000, retry })
    const ended = assert.rejects(post, { code: 'SLEUTH_PEER_GONE', mayHaveRun: true })
    await begun
    const up = new Promise((resolve) => client.once('up', resolve))
    await using other = await createSleuth({
      ...common,
      handler: handler as never,
      security: { ...keys[2], allow },
    })
    await up
    await writeFile(list, keys[2].publicKey)
    await ended
    assert.equal(String((await get).body), 'closed to others')
    assert.deepEqual([strict.stats().requests, other.stats().requests], [2, 1])
    await rm(folder, { recursive: true })
  })

  it('is not joined with keys that are wrong, or a list that is not there', async () => {
    const port = await freePort()
    const keys = generateKeys()
    const { publicKey } = generateKeys()
    const wrong = [
      {
        security: { ...keys, publicKey, allow: [] },
        code: 'SLEUTH_KEY',
        number: 1030,
        says: /publicKey does/,
      },
      {
        security: { ...keys, allow: '/nowhere' },
        code: 'SLEUTH_ALLOW',
        number: 1031,
        says: /\/nowhere.*ENOENT/,
      },
    ]
    for (const { security, code, number, says } of wrong) {
      await assert.rejects(createSleuth({ interface: 'loopback', port, security }), (error: SleuthError) => {
        assert.ok(error instanceof SleuthError)
        assert.deepEqual([error.code, error.codes], [code, [number, 905, 901]])
        assert.match(error.message, says)
        assert.equal(error.message.includes(keys.secretKey), false)
        return true
      })
    }
  })
})

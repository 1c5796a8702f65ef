import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { createSleuth, type SleuthOptions } from '@sleuth/core'

async function fails(options: SleuthOptions, code: string, codes: number[], message: RegExp): Promise<void> {
  await assert.rejects(createSleuth({ interface: 'loopback', ...options }), (error: never) => {
    const {
      code: given,
      codes: trace,
      message: text,
    } = error as { code: string; codes: number[]; message: string }
    assert.deepEqual([given, trace], [code, codes])
    assert.match(text, message)
    return true
  })
}

describe('createSleuth', () => {
  it('says which port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const message = new RegExp(`^can't listen at tcp://127\\.0\\.0\\.1:${port}: .*; set options\\.listen`)
    await fails({ listen: { port } }, 'SLEUTH_LISTEN', [1032, 905, 901], message)
    server.close()
  })

  it('says what is wrong with a seed, a network, an endpoint or a discovery', async () => {
    const wrong: [SleuthOptions, RegExp][] = [
      [{ seeds: ['10.0.0.5'] }, /^a seed must be tcp:/],
      [{ networks: ['10.0.0.0/99'] }, /^networks must be a list of blocks/],
      [{ advertise: 'tcp://example.org:1' }, /^advertise must be an endpoint/],
      [{ listen: { port: 0 } }, /^listen.port must be a whole number/],
      [{ discovery: [{} as never] }, /^discovery must be "beacon", "host", or objects/],
    ]
    for (const [options, message] of wrong)
      await fails(options, 'SLEUTH_DISCOVERY', [1033, 905, 901], message)
  })

  it('says which discovery can not start', async () => {
    const start = () => Promise.reject(new Error('no server'))
    const discovery = [{ name: 'consul', start, close() {} }]
    await fails({ discovery }, 'SLEUTH_DISCOVERY', [1033, 905, 901], /"consul" can't start: no server/)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeys } from '@sleuth/zre'
import { Dealer } from 'zeromq'
import { ZapHandler } from '#src/sockets/zap-handler.js'
import { decodeZ85 } from '#src/wire/z85.js'
import { newContext } from '../support/contexts.js'

const { publicKey } = generateKeys()

/** A handler, and what asks it as libzmq does: with a frame before the request that is to come back. */
async function asking(isAllowed: (key: string) => Promise<boolean>) {
  const context = newContext()
  const refused: unknown[] = []
  const handler = await ZapHandler.open({
    context,
    isAllowed,
    onRefused: (key, address) => refused.push([key, address]),
    onError: (error) => refused.push(error),
  })
  const dealer = new Dealer({ context, linger: 0, receiveTimeout: 10_000 })
  dealer.connect('inproc://zeromq.zap.01')
  const ask = async (...request: (string | Buffer)[]) => {
    await dealer.send(['', ...request])
    const [, , requestId, status] = (await dealer.receive()).map(String)
    return [requestId, status]
  }
  const close = () => {
    handler.close()
    dealer.close()
  }
  return { handler, ask, dealer, refused, close }
}

const request = (id: string, mechanism = 'CURVE', key: string | Buffer = decodeZ85(publicKey) as Buffer) =>
  ['1.0', id, 'global', '192.0.2.7', '', mechanism, key] as const

describe('the handler of ZAP', () => {
  it('lets in whose key is allowed, and tells of whose is not', async () => {
    const { ask, refused, close } = await asking(async (key) => key === publicKey)
    assert.deepEqual(await ask(...request('1')), ['1', '200'])
    assert.deepEqual(refused, [])
    const other = generateKeys().publicKey
    assert.deepEqual(await ask(...request('2', 'CURVE', decodeZ85(other) as Buffer)), ['2', '400'])
    assert.deepEqual(refused, [[other, '192.0.2.7']])
    close()
  })

  it('lets nobody in by another mechanism, or by what is no request', async () => {
    const { ask, refused, close } = await asking(async () => true)
    assert.deepEqual(await ask(...request('1', 'PLAIN')), ['1', '400'])
    assert.deepEqual(await ask(...request('2', 'CURVE', 'short')), ['2', '400'])
    assert.deepEqual(await ask('1.0', '3'), ['3', '400'])
    assert.equal((await ask('1.0'))[1], '400')
    assert.deepEqual(refused, Array(4).fill([undefined, '']))
    close()
  })

  it('keeps nobody waiting for one who is thought about, and answers none after it is closed', async () => {
    let decide = (_allowed: boolean) => {}
    const slow = generateKeys().publicKey
    const { handler, ask, dealer, refused, close } = await asking((key) =>
      key === slow ? new Promise((resolve) => (decide = resolve)) : Promise.resolve(true),
    )
    await dealer.send(['', ...request('slow', 'CURVE', decodeZ85(slow) as Buffer)])
    assert.deepEqual(await ask(...request('quick')), ['quick', '200'])
    handler.close()
    decide(true)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(refused, [])
    close()
  })

  it('takes its name over from one that was closed just before', async () => {
    const context = newContext()
    const options = {
      context,
      isAllowed: async () => true,
      onRefused: () => {},
      onError: (error: Error) => assert.fail(error),
    }
    for (let round = 0; round < 5; round++) (await ZapHandler.open(options)).close()
  })

  it('that can not have its name is an error: without it libzmq would let everyone in', async (test) => {
    const context = newContext()
    const options = {
      context,
      isAllowed: async () => true,
      onRefused: () => {},
      onError: (error: Error) => assert.fail(error),
    }
    const first = await ZapHandler.open(options)
    // The name is not free in time.
    let now = 0
    test.mock.method(performance, 'now', () => (now += 500))
    await assert.rejects(ZapHandler.open(options), { code: 'ZRE_PORT', message: /ZAP handler/ })
    test.mock.restoreAll()
    first.close()
    ;(await ZapHandler.open(options)).close()
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { forward } from '#src/sleuth/client.js'
import { pair } from '../harness.js'

describe('a call that a proxy forwards', () => {
  it('gives the headers as they came, and the path as it was written', async () => {
    const { sleuth } = await pair((req, res) => {
      res.writeHead(200, ['X-Path', req.url as string, 'set-cookie', 'a=1', 'Set-Cookie', 'b=2'])
      res.end()
    })
    const { code, headers } = await forward(sleuth, 'sleuth://foo//a/../%2e/b?c#d', {})
    assert.equal(code, 200)
    const wanted = ['X-Path', '//a/../%2e/b?c', 'set-cookie', 'a=1', 'Set-Cookie', 'b=2']
    assert.deepEqual(headers.slice(0, wanted.length), wanted)
  })

  it('gives the body as it comes, and cuts the service off when nobody reads on', async () => {
    let tell: (() => void) | undefined
    const closed = new Promise<void>((resolve) => {
      tell = resolve
    })
    const { sleuth } = await pair((_, res) => {
      res.on('close', () => tell?.())
      res.write('first')
    })
    const { body } = await forward(sleuth, 'sleuth://foo/', { timeout: Infinity })
    assert.ok(!Buffer.isBuffer(body))
    assert.equal((await body.read())?.toString(), 'first')
    body.cancel()
    await closed
  })
})

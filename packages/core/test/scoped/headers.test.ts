import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Sleuth } from '#src/types.js'
import { chain } from './chain.js'

describe('what goes along', () => {
  const trace = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'a=1,b=2',
    baggage: 'user=alice',
    'x-request-id': 'r-1',
  }
  const names = Object.keys(trace)

  /** The headers that the end gets, of those that go along. */
  async function carried(
    headers: Record<string, string>,
    call: (own: Sleuth) => Promise<unknown>,
    wire?: 1 | 2,
  ) {
    const { sleuth } = await chain(
      async (own, _, res) => {
        await call(own)
        res.end()
      },
      {
        end: (req, res) => {
          seen = Object.fromEntries(
            names.flatMap((name) => (req.headers[name] ? [[name, req.headers[name]]] : [])),
          )
          res.end()
        },
        ...(wire === undefined ? {} : { wire }),
      },
    )
    let seen: unknown
    await sleuth.do('sleuth://middle/', { headers })
    return seen
  }

  for (const wire of [1, 2] as const) {
    it(`is what tracing needs, and no other header, on wire ${wire}`, async () => {
      const inbound = { ...trace, cookie: 'secret', authorization: 'secret' }
      assert.deepEqual(await carried(inbound, (own) => own.do('sleuth://end/'), wire), trace)
      assert.deepEqual(await carried(inbound, (own) => own.request('sleuth://end/'), wire), trace)
    })
  }

  it('is only what came', async () => {
    assert.deepEqual(await carried({ baggage: 'a=b' }, (own) => own.do('sleuth://end/')), { baggage: 'a=b' })
    assert.deepEqual(await carried({}, (own) => own.do('sleuth://end/')), {})
  })

  it('gives way to what the call says, name by name and in any case', async () => {
    const wanted = { ...trace, 'x-request-id': 'mine', baggage: 'mine=1' }
    const headers = { 'X-Request-ID': 'mine', Baggage: 'mine=1' }
    assert.deepEqual(await carried(trace, (own) => own.request('sleuth://end/', { headers })), wanted)
    const request = new Request('sleuth://end/', { headers })
    assert.deepEqual(await carried(trace, (own) => own.do(request)), wanted)
  })

  it('leaves the headers that a call was given as they are', async () => {
    const headers = new Headers({ 'x-own': '1' })
    await carried(trace, (own) => own.do('sleuth://end/', { headers }))
    assert.deepEqual([...headers], [['x-own', '1']])
  })
})

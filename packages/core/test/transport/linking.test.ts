import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as pass, setImmediate as turn } from 'node:timers/promises'
import { LinkingTransport } from '#src/transport/linking.js'
import type {
  CloseReason,
  OutgoingRequest,
  RequestStream,
  ResponseHandler,
} from '#src/transport/transport.js'
import type { DownReason, Instance } from '#src/types.js'

const instance: Instance = {
  id: 'A',
  name: 'A',
  version: '1',
  endpoint: 'tcp://127.0.0.1:1',
  wire: 2,
  ready: true,
  meta: {},
}
const request: OutgoingRequest = {
  deadline: 500,
  method: 'GET',
  url: '/',
  headers: [],
  body: Buffer.alloc(0),
  length: undefined,
}

/** A request that waits for a link, which a test makes. */
function bench(given: Partial<OutgoingRequest> = {}, fails = false, goesElsewhere = () => false) {
  const events: string[] = []
  const seen: { deadline?: number; done: string[]; sent: boolean } = { done: [], sent: true }
  let now = 1000
  let settle: (reason: DownReason | undefined) => void = () => {}
  const stream: RequestStream = {
    get sent() {
      return seen.sent
    },
    closed: false,
    cancel: () => seen.done.push('cancel'),
    abort: (reason) => seen.done.push(`abort ${reason}`),
    expectLength: (length) => seen.done.push(`expect ${length}`),
  }
  const transport = new LinkingTransport({
    wire: {
      request: (_instance, { deadline }) => {
        if (fails) throw new Error('too large')
        seen.deadline = deadline
        return stream
      },
    },
    link: () =>
      new Promise((resolve) => {
        settle = resolve
      }),
    now: () => now,
    patience: 20,
  })
  const handler: ResponseHandler = {
    onBodyRead: () => {},
    onResponse: () => {},
    onError: (reason: CloseReason, sent) => events.push(`${reason.type} ${sent}`),
    onEnd: () => events.push('end'),
    goesElsewhere,
  }
  const waiting = transport.request(instance, { ...request, ...given }, handler)
  const link = async (reason?: DownReason) => {
    now += 20
    settle(reason)
    await turn()
  }
  return { events, seen, waiting, link }
}

describe('a request to an instance without a link', () => {
  it('leaves when the link stands, with the time that is left', async () => {
    const { seen, waiting, link, events } = bench()
    waiting.expectLength(3)
    assert.deepEqual([waiting.sent, waiting.closed, seen.deadline], [false, false, undefined])
    await link()
    assert.deepEqual([waiting.sent, waiting.closed, seen.deadline], [true, false, 480])
    waiting.expectLength(5)
    waiting.abort('no more')
    waiting.cancel()
    assert.deepEqual(seen.done, ['expect 5', 'abort no more', 'cancel'])
    assert.deepEqual(events, [])
  })

  it('keeps a time without end, and a time that is over is a moment', async () => {
    const endless = bench({ deadline: 0 })
    await endless.link()
    assert.equal(endless.seen.deadline, 0)
    const late = bench({ deadline: 10 })
    await late.link()
    assert.equal(late.seen.deadline, 1)
  })

  it('has not run when there is no link', async () => {
    const { waiting, link, events } = bench()
    await link('lost')
    assert.deepEqual(events, ['end', 'gone false'])
    assert.deepEqual([waiting.sent, waiting.closed], [false, true])
  })

  it('goes elsewhere if it can when the link takes long, and else waits', async () => {
    let asked = 0
    const asks = (answer: boolean) => () => {
      asked++
      return answer
    }
    const [going, staying, linked] = [bench({}, false, asks(true)), bench({}, false, asks(false)), bench()]
    await linked.link()
    while (asked < 2) await pass(5)
    assert.deepEqual(going.events, ['end', 'gone false'])
    assert.deepEqual(staying.events, [])
    await going.link()
    await staying.link()
    assert.deepEqual([going.seen.deadline, staying.seen.deadline], [undefined, 480])
  })

  it('has not run when the wire can not carry it', async () => {
    const { link, events } = bench({}, true)
    await link()
    assert.deepEqual(events, ['end', 'body false'])
  })

  for (const how of ['cancel', 'abort'] as const) {
    it(`never leaves after ${how}`, async () => {
      const { seen, waiting, link, events } = bench()
      waiting[how]('no more')
      waiting[how]('no more')
      await link()
      assert.deepEqual([events, waiting.closed, seen.deadline], [['end'], true, undefined])
    })
  }
})

import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { setTimeout as pass, setImmediate as turn } from 'node:timers/promises'
import { SleuthError } from '#src/shared/errors.js'
import type { SleuthOptions } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join } from '../harness.js'

const echo: RequestListener = (req, res) => req.pipe(res)

/** A caller that both ends of its links to instances of `foo` have closed, since it had not called for a while. */
async function parted(count: number, handler: RequestListener = echo, options: SleuthOptions = {}) {
  const network = new FakeNetwork()
  const services = []
  for (let made = 0; made < count; made++) services.push(await join(network, { service: 'foo', handler }))
  const { sleuth, node } = await join(network, options)
  const events: string[] = []
  for (const type of ['up', 'down'] as const) sleuth.on(type, () => events.push(type))
  for (const { node: service } of services) {
    node.part(service.id)
    service.part(node.id)
    // Whoever speaks to it first has a link again.
    node.on('enter', (peer) => peer.id === service.id && service.meet(node.self))
  }
  return { sleuth, node, services: services.map((one) => one.node), events }
}

const text = (body: string) => new Response(body).body as ReadableStream<Uint8Array>

describe('a call to an instance without a link', () => {
  it('makes one, and nobody is up or down for it', async () => {
    const { sleuth, node, services, events } = await parted(2)
    assert.equal(sleuth.services()[0]?.instances.length, 2)
    assert.equal(node.known.size, 0)
    for (let made = 0; made < 4; made++)
      assert.equal(
        (await sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })).body.toString(),
        'x',
      )
    assert.deepEqual([...node.known.keys()].sort(), services.map(({ id }) => id).sort())
    const { retries, hedges, calls, answers } = sleuth.stats()
    assert.deepEqual({ retries, hedges, calls, answers }, { retries: 0, hedges: 0, calls: 4, answers: 4 })
    assert.deepEqual(events, [])
  })

  it('shares it with the calls that come meanwhile', async () => {
    const { sleuth, node, services } = await parted(1)
    let asked = 0
    const { link } = node
    node.link = (to) => {
      asked++
      return link.call(node, to)
    }
    const calls = [1, 2, 3].map((body) => sleuth.do('sleuth://foo/', { method: 'POST', body: `${body}` }))
    assert.deepEqual(await Promise.all((await Promise.all(calls)).map((one) => one.text())), ['1', '2', '3'])
    assert.equal(asked, 1)
    assert.equal(services.length, 1)
  })

  it('goes elsewhere when none can be made, whatever its method: it has not run', async () => {
    const { sleuth, node, services } = await parted(2)
    const [first, second] = services as [(typeof services)[0], (typeof services)[0]]
    node.links.set(first.id, Promise.resolve(false))
    for (const body of ['bytes', text('a stream')]) {
      const response = await sleuth.do('sleuth://foo/', { method: 'POST', body, headers: { 'x-a': '1' } })
      assert.equal(response.status, 200)
      assert.ok((await response.text()).length > 0)
    }
    assert.deepEqual([...node.known.keys()], [second.id])
    node.links.set(second.id, Promise.resolve(false))
    node.part(second.id)
    await assert.rejects(
      sleuth.request('sleuth://foo/', { method: 'POST' }),
      (error) =>
        error instanceof SleuthError &&
        error.code === 'SLEUTH_PEER_GONE' &&
        !error.mayHaveRun &&
        error.retryable,
    )
  })

  it('waits for the link to the only instance as long as its time allows, and nobody is down', async () => {
    const { sleuth, node, services, events } = await parted(1, echo, { lostAfter: 1000 })
    const [service] = services as [(typeof services)[0]]
    const { link } = node
    node.link = async (to) => {
      await pass(600)
      return link.call(node, to)
    }
    const call = { method: 'POST', body: 'x', timeout: 20_000 }
    assert.equal((await sleuth.request('sleuth://foo/', call)).status, 200)
    assert.deepEqual([...node.known.keys()], [service.id])
    assert.deepEqual(events, [])
    assert.equal(sleuth.stats().retries, 0)
  })

  it('goes elsewhere when the link takes long, once to each, and nobody is down', async () => {
    const { sleuth, node, services, events } = await parted(2, echo, { lostAfter: 1000 })
    const [first, second] = services as [(typeof services)[0], (typeof services)[0]]
    node.links.set(first.id, new Promise(() => {}))
    const { link } = node
    node.link = async (to) => {
      if (to.id === second.id) await pass(600)
      return link.call(node, to)
    }
    const call = { method: 'POST', body: text('a stream'), timeout: 20_000 }
    assert.equal(await (await sleuth.do('sleuth://foo/', call)).text(), 'a stream')
    assert.deepEqual(events, [])
    assert.equal(sleuth.stats().retries, 1)
    for (const id of services.map((one) => one.id)) node.part(id)
    const once = { ...call, body: 'x', timeout: 300, retry: { tries: 1 } }
    await assert.rejects(sleuth.do('sleuth://foo/', once), { code: 'SLEUTH_TIMEOUT' })
    await sleuth.close()
  })

  it('does not go to another beside it while its body can be read only once', async () => {
    const { sleuth, node, services } = await parted(2)
    const stands: ((stands: boolean) => void)[] = []
    for (const { id } of services) node.links.set(id, new Promise((resolve) => stands.push(resolve)))
    async function* slow() {
      yield Buffer.from('one ')
      await turn()
      yield Buffer.from('two')
    }
    const call = sleuth.do('sleuth://foo/', {
      method: 'PUT',
      body: slow(),
      retry: { hedgeAfter: 20 },
      timeout: 5000,
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    for (const stand of stands) stand(true)
    assert.equal(await (await call).text(), 'one two')
    assert.equal(sleuth.stats().hedges, 0)
  })

  it('is given up as any other', async () => {
    const { sleuth, node, services } = await parted(1)
    node.links.set(services[0]?.id ?? '', new Promise(() => {}))
    const reason = new Error('enough')
    const signal = AbortSignal.timeout(50)
    await assert.rejects(sleuth.do('sleuth://foo/', { signal: AbortSignal.abort(reason) }), reason)
    await assert.rejects(sleuth.do('sleuth://foo/', { signal }), { name: 'TimeoutError' })
    await assert.rejects(
      sleuth.request('sleuth://foo/', { method: 'POST', timeout: 50 }),
      (error) => error instanceof SleuthError && error.code === 'SLEUTH_TIMEOUT' && !error.mayHaveRun,
    )
    await sleuth.close()
  })

  it('is not sent to one that has left the group by the time that the link stands', async () => {
    const { sleuth, services, events } = await parted(2)
    services[0]?.leave('SLEUTH-v1')
    for (let made = 0; made < 4; made++)
      assert.equal((await sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })).status, 200)
    assert.deepEqual(events, ['down'])
  })
})

import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { NodeOptions } from '@sleuth/zre'
import { adopt } from '#src/adapter/handle.js'
import { createSleuth } from '#src/index.js'
import { type Member, type NetworkParts, networkKey } from '#src/shared/options/network.js'
import type { Network, Sleuth } from '#src/types.js'
import { FakeNetwork } from '../../fake-network.js'
import { mirror, recorder } from '../../harness.js'

const place = globalThis as { [networkKey]?: Network }

const open: Sleuth[] = []

afterEach(async () => {
  delete place[networkKey]
  await Promise.all(open.splice(0).map((sleuth) => sleuth.close().catch(() => {})))
})

/** A network in memory as an option, and the members that it has seen. */
function memory(parts: Partial<NetworkParts> = {}) {
  const fake = new FakeNetwork()
  const members: Member[] = []
  const joined: Member[] = []
  const network = {
    [Symbol.toStringTag]: 'SleuthNetwork',
    [networkKey]: {
      createNode: async (options: NodeOptions, member: Member) => {
        members.push(member)
        return fake.add(options)
      },
      joined: async (member: Member) => {
        joined.push(member)
      },
      graceTime: 0,
      ...parts,
    } satisfies NetworkParts,
  } as const
  const join = async (options: Parameters<typeof createSleuth>[0] = {}) => {
    const sleuth = await createSleuth({ network, timeout: 10_000, ...options })
    open.push(sleuth)
    return sleuth
  }
  return { fake, network, members, joined, join }
}

describe('the option network', () => {
  it('takes the place of the machine: members of one network call each other, and of no other', async () => {
    const { join, fake } = memory()
    const service = await join({ service: 'foo', handler: mirror })
    const client = await join()
    assert.equal((await client.do('sleuth://foo/')).status, 200)
    assert.equal(fake.nodes.size, 2)
    assert.deepEqual((await memory().join()).services(), [])
    assert.equal(service.stats().requests, 1)
  })

  it('is that of an adapter, too', async () => {
    const { network, fake, joined } = memory()
    const handle = adopt({ service: 'foo', network }, { hint: '' })
    await handle.join(mirror)
    assert.equal(fake.nodes.size, 1)
    assert.deepEqual(
      joined.map(({ sleuth }) => sleuth),
      [handle.sleuth],
    )
    await handle.close()
    assert.equal(fake.nodes.size, 0)
  })

  it('has an adapter whose app can not answer as a client, which offers nothing', async () => {
    const { network, join } = memory()
    const service = await join({ service: 'bar', handler: mirror })
    const handle = adopt({ service: 'foo', version: '2', meta: { zone: 'a' }, network }, { hint: '' })
    const told: string[] = []
    const tell = ({ code }: { code: string }) => void told.push(code)
    assert.equal(await handle.joinAsClient(tell), handle.sleuth)
    assert.deepEqual(told, ['SLEUTH_WARN_NO_HTTP'])
    assert.equal((await handle.sleuth.do('sleuth://bar/', { timeout: 10_000 })).status, 200)
    assert.deepEqual(service.services(), [])
    assert.equal((await handle.sleuth.inspect(service.peers()[0]?.id ?? '', 'info')).service, undefined)
    await handle.close()
    const borrowed = adopt(service, { hint: '' })
    assert.equal(await borrowed.joinAsClient(tell), service)
    const client = adopt({ network }, { hint: '' })
    await client.joinAsClient(tell)
    await client.close()
    assert.equal(told.length, 1)
  })

  it('is by default that of the process, if it is on one', async () => {
    const { network, fake } = memory()
    place[networkKey] = network
    open.push(await createSleuth())
    assert.equal(fake.nodes.size, 1)
    const other = memory()
    await other.join()
    assert.deepEqual([fake.nodes.size, other.fake.nodes.size], [1, 1])
  })

  it('has said that the member has joined before it has', async () => {
    let say = (): void => {}
    const said = new Promise<void>((resolve) => {
      say = resolve
    })
    let isIn = false
    const { join, members } = memory({ joined: () => said })
    const joining = join().then((sleuth) => {
      isIn = true
      return sleuth
    })
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([members.length, isIn], [1, false])
    say()
    assert.equal(await joining, members[0]?.sleuth)
  })

  it('may end a member, whose first close is valid all the same', async () => {
    const { join, members, fake } = memory()
    const sleuth = await join()
    await members[0]?.end()
    assert.equal(fake.nodes.size, 0)
    await assert.rejects(sleuth.do('sleuth://foo/'), { code: 'SLEUTH_CLOSED' })
    await sleuth.close()
    await assert.rejects(sleuth.close(), { code: 'SLEUTH_CLOSED' })
  })

  it('makes no TCP connection and warns of no interface', async () => {
    const { logger, problems } = recorder()
    const { join, fake } = memory()
    const one = await join({ service: 'foo', handler: mirror, logger, introspection: true })
    const two = await join({ logger })
    const [{ id } = assert.fail()] = two.services()[0]?.instances ?? []
    const node = fake.nodes.get(id)
    assert.ok(node)
    for (const other of fake.nodes.values()) other.state = 'stopped'
    const { reached, why } = await two.inspect(id, 'probe')
    assert.deepEqual([reached, why?.includes('no connection was tried')], [false, true])
    assert.ok(one)
    assert.deepEqual(problems(), [])
  })

  it('is a network, and nothing else', async () => {
    for (const network of [{}, null, 'test', 1]) {
      await assert.rejects(createSleuth({ network: network as never }), {
        code: 'SLEUTH_OPTION',
        message: /^options\.network must be a network/,
      })
    }
  })

  it('says why it lets nobody in', async () => {
    const cause = new Error('it is closed')
    const { join } = memory({ createNode: () => Promise.reject(cause) })
    await assert.rejects(join(), { code: 'SLEUTH_START', cause })
  })
})

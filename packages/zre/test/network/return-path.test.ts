import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { generateKeys, type NodeOptions, type ZreNode } from '@sleuth/zre'
import { event, freePort, gone, Nodes, present, whispers } from '../support/nodes.js'

/** Nobody listens there, and connections to it fail at once. */
const CLOSED = 'tcp://127.0.0.1:1'
/** No connection may be opened there. */
const ELSEWHERE = 'tcp://203.0.113.7:5670'
/** By seeds alone. */
const QUIET: NodeOptions = { discovery: [] }

/** A node, and another that dials it and that it can't reach. */
async function meet(
  nodes: Nodes,
  options: NodeOptions,
  others: NodeOptions = {},
): Promise<[ZreNode, ZreNode]> {
  const mesh = await nodes.add({ ...QUIET, listen: { port: await freePort() }, ...others })
  const laptop = await nodes.add({ ...QUIET, seeds: [mesh.endpoint], ...others, ...options })
  await Promise.all([present(mesh, laptop.id), present(laptop, mesh.id)])
  return [mesh, laptop]
}

async function whisperBothWays(one: ZreNode, other: ZreNode, count = 20): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const heard = whispers(to)
    for (let at = 0; at < count; at++) from.whisper(to.id, `message ${at}`)
    assert.deepEqual(
      (await heard.until(count)).slice(0, count),
      Array.from({ length: count }, (_, at) => `message ${at}`),
    )
  }
}

describe('a node that can not be connected to', () => {
  for (const [name, options] of [
    ['says so', { advertise: false }],
    ['names an endpoint where nobody is', { advertise: CLOSED }],
    ['names an endpoint on another network', { advertise: ELSEWHERE }],
  ] as const) {
    it(`is answered on its connection when it ${name}`, async () => {
      await using nodes = await Nodes.open()
      const [mesh, laptop] = await meet(nodes, options)
      await whisperBothWays(mesh, laptop)
      const [seen, sees] = [mesh.peer(laptop.id), laptop.peer(mesh.id)]
      assert.deepEqual([seen?.connections, sees?.connections], ['theirs', 'ours'])
      // Nothing shows where it is.
      assert.deepEqual([seen?.verified, sees?.verified], [false, true])
      assert.equal(seen?.headers.has('sleuth-return'), false)
      assert.equal(await mesh.acknowledged(laptop.id), true)
      assert.equal(await mesh.probe(laptop.id), undefined)
    })
  }

  it('is answered with keys, and its key is proved', async () => {
    await using nodes = await Nodes.open()
    const keys = [generateKeys(), generateKeys()] as const
    const allow = keys.map(({ publicKey }) => publicKey)
    const mesh = await nodes.add({ ...QUIET, security: { ...keys[0], allow } })
    const laptop = await nodes.add({
      ...QUIET,
      seeds: [`${mesh.endpoint}#${keys[0].publicKey}`],
      advertise: false,
      security: { ...keys[1], allow },
    })
    await Promise.all([present(mesh, laptop.id), present(laptop, mesh.id)])
    await whisperBothWays(mesh, laptop)
    const seen = mesh.peer(laptop.id)
    assert.deepEqual([seen?.connections, seen?.verified, seen?.publicKey], ['theirs', false, allow[1]])
  })

  it('is not answered so when it can be reached', async () => {
    await using nodes = await Nodes.open()
    const [mesh, laptop] = await meet(nodes, {})
    await whisperBothWays(mesh, laptop)
    assert.equal(mesh.peer(laptop.id)?.connections, 'both')
    assert.equal(laptop.peer(mesh.id)?.connections, 'both')
  })

  it('is turned away by a node for its own network alone', async () => {
    await using nodes = await Nodes.open()
    const mesh = await nodes.add(QUIET)
    const laptop = await nodes.add({ ...QUIET, seeds: [mesh.endpoint], advertise: ELSEWHERE })
    const turnedAway = () => mesh.stats().dropped['hello-endpoint'] ?? 0
    while (turnedAway() === 0) await setTimeout(10)
    assert.deepEqual([mesh.peers(), laptop.peers()], [[], []])
  })

  it('meets several that have the same endpoint behind different routers', async () => {
    await using nodes = await Nodes.open()
    const [mesh, first] = await meet(nodes, { advertise: ELSEWHERE })
    const second = await nodes.add({ ...QUIET, seeds: [mesh.endpoint], advertise: ELSEWHERE })
    await Promise.all([present(mesh, second.id), present(second, mesh.id)])
    await whisperBothWays(mesh, first)
    await whisperBothWays(mesh, second)
  })

  it('says that it goes, and so does the other', async () => {
    await using nodes = await Nodes.open()
    const [mesh, laptop] = await meet(nodes, { advertise: false })
    const left = event(mesh, 'exit')
    await laptop.close()
    assert.equal((await left)[1], 'stopped')
    const again = await nodes.add({ ...QUIET, seeds: [mesh.endpoint], advertise: false })
    await present(again, mesh.id)
    await present(mesh, again.id)
    const end = event(again, 'exit')
    await mesh.close()
    assert.equal((await end)[1], 'stopped')
  })

  it('comes back when its connection breaks, and both see that it broke', async () => {
    await using nodes = await Nodes.open()
    const port = await freePort()
    // It can be reached through the cable alone.
    const mesh = await nodes.add({ ...QUIET, listen: { port }, advertise: ELSEWHERE })
    await using cable = await Cable.to(port)
    const laptop = await nodes.add({ ...QUIET, seeds: [cable.endpoint], advertise: false })
    await Promise.all([present(mesh, laptop.id), present(laptop, mesh.id)])
    const gaps = [gone(mesh, laptop.id), gone(laptop, mesh.id)]
    cable.cut()
    await Promise.all(gaps)
    await Promise.all([present(mesh, laptop.id), present(laptop, mesh.id)])
    await whisperBothWays(mesh, laptop)
  })

  it('gets a large message, and a small one after it, in their order', async () => {
    await using nodes = await Nodes.open()
    const [mesh, laptop] = await meet(nodes, { advertise: false })
    const heard: number[] = []
    const done = new Promise<void>((resolve) => {
      laptop.on('whisper', (_, [frame]) => {
        heard.push(frame?.length ?? 0)
        if (heard.length === 2) resolve()
      })
    })
    mesh.whisper(laptop.id, Buffer.alloc(16 * 1024 * 1024))
    mesh.whisper(laptop.id, 'x')
    await done
    assert.deepEqual(heard, [16 * 1024 * 1024, 1])
  })
})

/** A forwarded port, whose connections can be cut. */
class Cable {
  readonly #sockets = new Set<{ destroy(): void }>()
  readonly #server
  endpoint = ''

  private constructor(port: number) {
    this.#server = createServer((from) => {
      const to = connect(port, '127.0.0.1')
      for (const [socket, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.#sockets.add(socket)
        socket.pipe(other)
        socket.on('error', () => {})
        socket.on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
      }
    })
  }

  static async to(target: number): Promise<Cable> {
    const cable = new Cable(target)
    await new Promise<void>((resolve) => cable.#server.listen(0, '127.0.0.1', resolve))
    cable.endpoint = `tcp://127.0.0.1:${(cable.#server.address() as { port: number }).port}`
    return cable
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.cut()
  }
}

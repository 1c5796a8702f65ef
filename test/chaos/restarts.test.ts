import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { afterEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../hosts/port.js'

const program = fileURLToPath(new URL('../adapters/stoppable.js', import.meta.url))
const running = new Set<ChildProcess>()
/** Milliseconds for what is to come, however slow the machine is. */
const PATIENCE = 60_000
let traffic: Traffic | undefined

afterEach(async () => {
  await traffic?.stop()
  for (const child of running) child.kill('SIGKILL')
})

interface Instance {
  readonly child: ChildProcess
  readonly port: number
  inFlight: number
}

async function start(args: readonly string[]): Promise<Instance> {
  const child = fork(program, args)
  running.add(child)
  child.once('exit', () => running.delete(child))
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return { child, port, inFlight: 0 }
}

/** Ends it as a process manager does. */
async function stop({ child }: Instance): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  assert.deepEqual(await exit, [0, null])
}

/** A connection of its own for each request: which are kept, and for how long, is the proxy's affair. */
function get(port: number): Promise<string> {
  return new Promise((resolve) => {
    const request = http.get({ port, host: '127.0.0.1', agent: false }, async (response) => {
      let body = ''
      response.setEncoding('utf8').on('error', (error) => resolve(String(error)))
      for await (const part of response) body += part
      resolve(`${response.statusCode} ${body}`)
    })
    request.on('error', (error) => resolve(String(error)))
  })
}

/** As a proxy does it: to one after another of those that are in service. */
class Traffic {
  readonly #fronts: Instance[] = []
  readonly #answers: Promise<string>[] = []
  /** The processes behind the fronts that have answered. */
  readonly #behind = new Set<number | undefined>()
  readonly #running: Promise<void>
  #stopped = false

  constructor(...fronts: Instance[]) {
    this.#fronts.push(...fronts)
    this.#running = this.#run()
  }

  /** No further request goes to `old`. Gives how many it has in hand. */
  replace(old: Instance, by: Instance): number {
    this.#fronts.splice(this.#fronts.indexOf(old), 1, by)
    return old.inFlight
  }

  /** An answer has come from a service behind the fronts. */
  async reaches({ child }: Instance): Promise<void> {
    const end = performance.now() + PATIENCE
    while (!this.#behind.has(child.pid)) {
      assert.ok(performance.now() < end, 'no answer comes from a new service')
      await sleep(10)
    }
  }

  async stop(): Promise<string[]> {
    this.#stopped = true
    await this.#running
    return Promise.all(this.#answers)
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#stopped; turn += 1) {
      const front = this.#fronts[turn % this.#fronts.length] as Instance
      front.inFlight += 1
      this.#answers.push(this.#ask(front))
      await sleep(10)
    }
  }

  async #ask(front: Instance): Promise<string> {
    const answer = await get(front.port)
    front.inFlight -= 1
    this.#behind.add(Number(answer.split(' ').at(-1)))
    return answer
  }
}

for (const framework of ['express', 'koa', 'fastify']) {
  test(`a rolling restart by SIGTERM of services in ${framework} fails no HTTP request`, async () => {
    const port = String(await freePort())
    const newBack = () => start([framework, port, 'back', ''])
    const newFront = () => start([framework, port, 'front', 'back'])
    const backs = [await newBack(), await newBack()]
    const fronts = [await newFront(), await newFront()]
    traffic = new Traffic(...fronts)
    await sleep(500)
    for (const old of fronts) {
      const next = await newFront()
      assert.ok(traffic.replace(old, next) > 0)
      await stop(old)
    }
    for (const old of backs) {
      await traffic.reaches(await newBack())
      await stop(old)
    }
    await sleep(300)
    const answers = await traffic.stop()
    assert.deepEqual(
      answers.filter((answer) => !/^200 front \d+ 200 back \d+$/.test(answer)),
      [],
    )
    assert.ok(answers.length > 100)
    assert.equal(new Set(answers.map((answer) => answer.split(' ')[2])).size, 4)
  })
}

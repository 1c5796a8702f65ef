import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { createSleuth } from '@sleuth/core'
import { listOf, sizeOf, treeOf } from './tree.js'

/** A service in a process with a tool, and a caller in this process, which has none. */
export class Scene {
  #framework
  #caller
  #process
  #port

  /** `tools`: files of tools/, without their extension, in the order in which they are loaded. */
  static async open(tools, framework, env = {}) {
    const scene = new Scene()
    scene.#framework = framework
    const discovery = await freePort()
    scene.#process = fork(new URL('service.cjs', import.meta.url), [framework, String(discovery)], {
      execArgv: tools.flatMap((tool) => ['--import', new URL(`tools/${tool}.cjs`, import.meta.url).href]),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const [{ listening }] = await once(scene.#process, 'message')
    scene.#port = listening
    scene.#caller = await createSleuth({ interface: 'loopback', port: discovery, timeout: 10_000 })
    await scene.#caller.waitFor(framework, { timeout: 20_000 })
    return scene
  }

  /**
   * Sends one request each way, as a caller with a span of its own. Gives the status of each, and the tree of spans that the
   * tool has recorded below the caller's. Spans end, and are recorded, some time after the response.
   */
  async both(path) {
    const http = await this.#traced((headers) => this.http(path, headers))
    const sleuth = await this.#traced((headers) => this.sleuth(path, headers))
    let trees
    for (let last = -1, tries = 0; tries < 20; tries++) {
      const { spans, differs } = await this.#told()
      trees = [http, sleuth].map(({ parent }) => treeOf(spans, parent, new RegExp(differs)))
      const [size, other] = trees.map(sizeOf)
      if (size > 0 && size === other && size === last) break
      last = size === other ? size : -1
      await setTimeout(100)
    }
    const [overHttp, overSleuth] = trees
    return {
      http: { status: http.status, tree: overHttp },
      sleuth: { status: sleuth.status, tree: overSleuth },
    }
  }

  /** Sends one request over sleuth. Gives the spans below the caller's, once they are `enough` or some seconds have passed. */
  async below(path, enough) {
    const { parent } = await this.#traced((headers) => this.sleuth(path, headers))
    for (let tries = 0; ; tries++) {
      const { spans } = await this.#told()
      const found = listOf(treeOf(spans, parent, /^$/))
      if (enough(found) || tries === 30) return found
      await setTimeout(100)
    }
  }

  async http(path, headers = {}) {
    const response = await fetch(`http://127.0.0.1:${this.#port}${path}`, { headers })
    return { status: response.status, body: await response.text() }
  }

  async sleuth(path, headers = {}) {
    const { status, body } = await this.#caller.request(`sleuth://${this.#framework}${path}`, { headers })
    return { status, body: String(body) }
  }

  async #traced(send) {
    const trace = randomBytes(16).toString('hex')
    const parent = randomBytes(8).toString('hex')
    const headers = { traceparent: `00-${trace}-${parent}-01`, 'sentry-trace': `${trace}-${parent}-1` }
    const { status } = await send(headers)
    return { status, parent }
  }

  /** All that the tool has recorded so far. */
  async #told() {
    this.#process.send('tell')
    const [told] = await once(this.#process, 'message')
    return told
  }

  async close() {
    await this.#caller?.close()
    if (this.#process?.connected) {
      this.#process.disconnect()
      await once(this.#process, 'exit')
    }
  }
}

export async function freePort() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise((resolve) => socket.close(resolve))
  return port
}

// Services of real nodes, each in a process of its own, and the command `sleuth map`.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const serviceFile = fileURLToPath(new URL('service.js', import.meta.url))
const sleuth = fileURLToPath(new URL('../packages/cli/bin/sleuth.js', import.meta.url))

/** A network of its own on loopback. */
export class Network {
  #env
  #children = []

  constructor(port) {
    this.#env = { ...process.env, SLEUTH_INTERFACE: 'loopback', SLEUTH_PORT: String(port) }
  }

  async start(service) {
    const child = fork(serviceFile, [service], { env: this.#env })
    this.#children.push(child)
    await once(child, 'message')
    return child
  }

  /** Lets a service make a call, and resolves to what came of it. */
  async call(child, url) {
    child.send(url)
    const [result] = await once(child, 'message')
    return result
  }

  /** The address of the page. */
  async map() {
    const args = [sleuth, 'map', '--listen', '127.0.0.1:0', '--json']
    const child = spawn(process.execPath, args, { env: this.#env, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#children.push(child)
    const [line] = await once(child.stdout, 'data')
    return JSON.parse(line.toString()).url
  }

  async close() {
    const running = this.#children.filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    )
    await Promise.all(running.map((child) => (child.kill(), once(child, 'exit'))))
  }
}

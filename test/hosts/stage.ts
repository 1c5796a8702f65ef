import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LineProcess } from './line-process.js'

/** A host of a test's network. */
export interface StageHost {
  /** What runs a command there. */
  command(command: readonly string[]): readonly string[]
}

/** The discovery port of one file of tests. */
export const stagePort = String(20_000 + (process.pid % 10_000))

const programOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What runs a service that echoes. */
export function serviceCommand(service: string): readonly string[] {
  const program = programOf('../interop/node/service.js')
  return [process.execPath, program, '--service', service, '--port', stagePort]
}

/** What runs a program that calls services as it is told. */
export const clientCommand: readonly string[] = [
  process.execPath,
  programOf('../interop/node/client.js'),
  '--port',
  stagePort,
  '--timeout',
  '5000',
]

/** The hosts of one test, and the programs that run on them. */
export class Stage<Network extends { delete(): Promise<void> }> {
  readonly #started: LineProcess[] = []

  constructor(
    readonly network: Network,
    readonly context: TestContext,
  ) {}

  /** Resolves when the program says that it is ready. It knows no interface but by `env`. */
  async run(host: StageHost, command: readonly string[], env: Record<string, string>): Promise<LineProcess> {
    const child = new LineProcess(host.command(command), { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '', ...env })
    this.#started.push(child)
    await child.news('ready')
    return child
  }

  /** Resolves when a program finds a service and its first call there is answered. */
  async answers(client: LineProcess, service: string): Promise<void> {
    const since = performance.now()
    await client.tell('waitFor', { services: [service] })
    const answer = await client.tell('do', { method: 'GET', url: `sleuth://${service}/echo`, headers: [] })
    assert.equal(answer.status, 200)
    this.context.diagnostic(`${service} answers after ${Math.round(performance.now() - since)} ms`)
  }

  /** Ends the programs, and deletes the hosts. */
  async close(): Promise<void> {
    await Promise.all(this.#started.map((child) => child.kill()))
    await this.network.delete()
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SleuthOptions, SleuthStats } from '@sleuth/core'

const service = fileURLToPath(new URL('service.js', import.meta.url))

/**
 * What the node counts, and the memory of its process in bytes: now, and at most since it was last asked. `stall`: the longest
 * time since then that its event loop stood still, in milliseconds.
 */
export interface Report {
  readonly stats: SleuthStats
  readonly memory: number
  readonly peak: number
  readonly stall: number
  /** 0 where there is no way to tell. */
  readonly descriptors: number
  /** Of its log, since it began, and in how many seconds. */
  readonly lines: number
  readonly seconds: number
}

/** The node that is attacked, in a process of its own. */
export class Attacked {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(port: number, options: SleuthOptions, descriptors?: number): Promise<Attacked> {
    const program = [process.execPath, '--expose-gc', service, String(port), JSON.stringify(options)]
    const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors};`
    const child = spawn('sh', ['-c', `${limit} exec "$0" "$@"`, ...program], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    await once(child, 'message')
    return new Attacked(child)
  }

  async report(): Promise<Report> {
    this.#child.send('report')
    const [told] = await once(this.#child, 'message')
    return told as Report
  }

  async stop(): Promise<void> {
    this.#child.send('stop')
    await once(this.#child, 'exit')
  }
}

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Instances of one service, each a process, and what ran in all of them, the dead included. */
export class Fleet {
  readonly #port: number
  readonly #folder = mkdtempSync(join(tmpdir(), 'sleuth-chaos-'))
  readonly #instances = new Set<ChildProcess>()
  readonly #files: string[] = []

  constructor(port: number) {
    this.#port = port
  }

  /** Resolves when the instance has joined. */
  async start(options: object = {}): Promise<ChildProcess> {
    const path = fileURLToPath(new URL('service.js', import.meta.url))
    const file = join(this.#folder, String(this.#files.length))
    this.#files.push(file)
    const instance = fork(path, [String(this.#port), file, JSON.stringify(options)])
    this.#instances.add(instance)
    instance.once('exit', () => this.#instances.delete(instance))
    await Promise.race([
      once(instance, 'message'),
      once(instance, 'exit').then(([code]) => {
        throw new Error(`the instance ended with code ${code} before it was ready`)
      }),
    ])
    return instance
  }

  async kill(instance: ChildProcess): Promise<void> {
    const gone = once(instance, 'exit')
    instance.kill('SIGKILL')
    await gone
  }

  /** As a deployment ends a process that handles the signal. Rejects if it does not end by itself. */
  async stop(instance: ChildProcess): Promise<void> {
    const gone = once(instance, 'exit')
    instance.send(['close'])
    const [code] = await gone
    if (code !== 0) throw new Error(`the instance ended with code ${code}`)
  }

  block(instance: ChildProcess, milliseconds: number): void {
    instance.send(['block', milliseconds])
  }

  /** The ids of the calls that ran, each as often as it did. */
  ran(): string[] {
    return this.#files.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean))
  }

  /** The ids that ran more than once. */
  twice(): string[] {
    const seen = new Set<string>()
    return this.ran().filter((id) => seen.has(id) || !seen.add(id))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#instances].map((instance) => this.kill(instance)))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

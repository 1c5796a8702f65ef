import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { commandIn, createOpenPair, type Host, hostsMissing } from './namespaces.js'

const run = promisify(execFile)
const source = fileURLToPath(new URL('../../hosts/link-emulator.c', import.meta.url))

export interface LinkProperties {
  /** Bits a second. */
  readonly rate?: number
  /** Milliseconds. */
  readonly delay?: number
  /** Bytes that wait while the link is busy. */
  readonly queue?: number
  /** The share of frames that are lost, from 0 to 1. */
  readonly loss?: number
  /** Chooses which of them. */
  readonly seed?: number
  /**
   * What never arrives: every frame, every TCP segment, those that open a connection, those of connections that stand now, all UDP,
   * UDP to groups, or frames of more than 1200 bytes.
   */
  readonly block?: 'none' | 'all' | 'tcp' | 'syn' | 'old' | 'udp' | 'multicast' | 'large'
  /** Unless it is 0, `block` concerns only TCP connections to this port. */
  readonly port?: number
}

/** Both ways, or the way from one of the two hosts. */
export type Way = 'both' | { readonly from: Host }

/** Two hosts, and a link between them whose properties can be changed at any time. */
export class EmulatedLink {
  readonly hosts: readonly [Host, Host]
  readonly #child: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>
  readonly #release: () => Promise<void>

  private constructor(
    hosts: readonly [Host, Host],
    child: ChildProcessWithoutNullStreams,
    lines: Interface,
    release: () => Promise<void>,
  ) {
    this.hosts = hosts
    this.#child = child
    this.#answers = lines[Symbol.asyncIterator]()
    this.#release = release
  }

  static async create(properties: LinkProperties = {}): Promise<EmulatedLink> {
    const pair = await createOpenPair()
    const folder = mkdtempSync(join(tmpdir(), 'sleuth-link-'))
    const release = async () => {
      await pair.delete()
      rmSync(folder, { recursive: true, force: true })
    }
    try {
      const program = join(folder, 'link-emulator')
      await run('cc', ['-O2', '-Wall', '-o', program, source])
      for (const host of pair.hosts) {
        const [command = '', ...args] = host.command([program, '--plain', host.device])
        await run(command, args)
      }
      const [command = '', ...args] = commandIn(pair.between, [program, ...pair.devices])
      const child = spawn(command, args)
      child.stdin.on('error', () => {})
      child.stderr.pipe(process.stderr)
      const link = new EmulatedLink(pair.hosts, child, createInterface({ input: child.stdout }), release)
      await link.#expect('ready')
      await link.set('both', properties)
      return link
    } catch (error) {
      await release()
      throw error
    }
  }

  async set(way: Way, { delay, loss, ...properties }: LinkProperties): Promise<void> {
    const values = {
      ...properties,
      ...(delay !== undefined && { delay: Math.round(delay * 1000) }),
      ...(loss !== undefined && { loss: Math.round(loss * 1_000_000) }),
    }
    for (const direction of way === 'both' ? [0, 1] : [this.hosts.indexOf(way.from)]) {
      for (const [name, value] of Object.entries(values)) {
        this.#child.stdin.write(`${direction} ${name} ${value}\n`)
        await this.#expect('ok')
      }
    }
  }

  async delete(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.stdin.end()
      await once(this.#child, 'close')
    }
    await this.#release()
  }

  async #expect(answer: string): Promise<void> {
    const { value, done } = await this.#answers.next()
    if (done || value !== answer) throw new Error(`the link emulator answered ${value ?? 'nothing'}`)
  }
}

/** Why no link can be emulated here; undefined where one can. */
export async function emulatedLinkMissing(): Promise<string | undefined> {
  const missing = await hostsMissing()
  if (missing !== undefined) return missing
  try {
    await run('cc', ['--version'])
  } catch {
    return 'there is no C compiler (cc)'
  }
  return undefined
}

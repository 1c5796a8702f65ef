import type { RequestListener, Sleuth } from '@sleuth/core'
import { check } from './check.js'
import type { Child } from './child.js'
import { Health, type Verdict } from './health.js'
import { Presence } from './presence.js'
import type { Target } from './target.js'
import { Upstream } from './upstream.js'

export interface ExposeOptions {
  readonly target: Target
  /** The path of the health check. Undefined: the server takes a connection. */
  readonly health: string | undefined
  /** Milliseconds between two checks. */
  readonly interval: number
  readonly maxConnections: number
  readonly keepAlive: boolean
  /** Milliseconds that the command has between SIGTERM and SIGKILL. */
  readonly killAfter: number
  readonly child: Child | undefined
  join(handler: RequestListener): Promise<Sleuth>
  /** Tells people what happens. */
  say(event: ExposeEvent): void
}

export type ExposeEvent =
  | { readonly event: 'waiting'; readonly why: string }
  | { readonly event: 'joined' }
  | { readonly event: 'left'; readonly why: string }

/** Milliseconds in which a server that was well is asked again after a check that failed. */
const DOUBT = 200

/**
 * Keeps a server in the network while it is well, until `signal` aborts or the command ends. Resolves with the exit code of
 * the command. Undefined: there is none.
 */
export async function expose(options: ExposeOptions, signal: AbortSignal): Promise<number | undefined> {
  const { target, child, join, say, killAfter } = options
  const pulse = new Pulse()
  const upstream = new Upstream(target, { ...options, onUnreachable: pulse.beat })
  let why = ''
  const presence = new Presence(
    () => join(upstream.listener),
    (isIn) => say(isIn ? { event: 'joined' } : { event: 'left', why }),
  )
  const stop = new AbortController()
  const ends = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  const watching = watch(options, pulse, stop.signal, async (verdict, isWell) => {
    why = verdict.why
    try {
      await presence.set(isWell)
    } catch (error) {
      // A network that was there may come back.
      if (!presence.hasJoined) throw error
      say({ event: 'waiting', why: reasonOf(error) })
    }
  })
  try {
    // A network that can't be joined ends it.
    await Promise.race([ends, child?.ended ?? never, watching])
  } finally {
    stop.abort()
    pulse.beat()
    why = child === undefined || signal.aborted ? 'it stops' : 'the command has ended'
    await presence.close().catch(ignore)
    upstream.close()
    await child?.stop(killAfter)
  }
  return child?.ended
}

/** Checks the server until `signal` aborts. `changed` is told when it gets well or unwell. */
async function watch(
  { target, health: path, interval, say }: ExposeOptions,
  pulse: Pulse,
  signal: AbortSignal,
  changed: (verdict: Verdict, isWell: boolean) => Promise<void>,
): Promise<void> {
  const health = new Health()
  let told = false
  while (!signal.aborted) {
    const verdict = await check(target, path, signal)
    if (signal.aborted) return
    health.observe(verdict)
    await changed(verdict, health.isWell)
    if (!verdict.ok && !told && !health.isWell) {
      told = true
      say({ event: 'waiting', why: verdict.why })
    }
    await pulse.wait(health.isInDoubt ? Math.min(DOUBT, interval) : interval)
  }
}

/** A pause that can be cut short. */
class Pulse {
  #end: (() => void) | undefined
  #beaten = false

  readonly beat = (): void => {
    this.#beaten = true
    this.#end?.()
  }

  async wait(time: number): Promise<void> {
    if (!this.#beaten)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, time)
        this.#end = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    this.#beaten = false
  }
}

const never = new Promise<never>(() => {})

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

function ignore(): void {}

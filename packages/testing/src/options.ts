import { sleuthError } from '@sleuth/core/adapter'

export interface TestNetworkOptions {
  /** Milliseconds that a message is on its way, or the least and the most. Default 0: it arrives in the next turn of the event loop. */
  latency?: number | readonly [least: number, most: number] | undefined
  /**
   * The share of packets that get lost, from 0 to below 1. A beacon is gone. A message comes late, since TCP sends it again:
   * 200 ms later, 400 ms when it is lost twice, and so on. Default 0.
   */
  loss?: number | undefined
  /** `virtual`: the clock of the process stands still, and `advance` turns it. Default `real`. */
  clock?: 'real' | 'virtual' | undefined
  /** Where the latencies, the losses and the ids of the network come from: a whole number. Default 1. */
  seed?: number | undefined
}

export interface TestNetworkSettings {
  readonly latency: readonly [least: number, most: number]
  readonly loss: number
  readonly clock: 'real' | 'virtual'
  readonly seed: number
}

const MAX_MS = 600_000

export function checkOptions(given: TestNetworkOptions = {}): TestNetworkSettings {
  for (const name of Object.keys(given))
    if (!(name in known)) wrong(name, `is unknown: the options are ${names}`)
  const { latency = 0, loss = 0, clock = 'real', seed = 1 } = given
  if (!(loss >= 0 && loss < 1)) wrong('loss', 'must be a number from 0 to below 1')
  if (clock !== 'real' && clock !== 'virtual') wrong('clock', 'must be "real" or "virtual"')
  if (!Number.isSafeInteger(seed)) wrong('seed', 'must be a whole number')
  return { latency: rangeOf('options.latency', latency), loss, clock, seed }
}

/** Milliseconds, or the least and the most. */
export function rangeOf(argument: string, value: unknown): readonly [least: number, most: number] {
  const [least, most, ...rest] = Array.isArray(value) ? value : [value, value]
  if (isTime(least) && isTime(most) && least <= most && rest.length === 0) return [least, most]
  const problem = `must be milliseconds from 0 to ${MAX_MS}, or [least, most]`
  throw sleuthError('SLEUTH_ARGUMENT', { argument, problem })
}

export function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_MS
}

const known = { latency: true, loss: true, clock: true, seed: true } satisfies Record<
  keyof TestNetworkOptions,
  true
>

const names = Object.keys(known).join(', ')

function wrong(option: string, problem: string): never {
  throw sleuthError('SLEUTH_OPTION', { option, problem })
}

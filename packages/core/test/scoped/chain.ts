import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { scoped } from '#src/sleuth/scoped-client.js'
import type { Sleuth, SleuthOptions } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join, mockTime, stall, tick } from '../harness.js'

/** What the service in the middle does, with the client of its request. */
export type Middle = (sleuth: Sleuth, req: IncomingMessage, res: ServerResponse) => unknown

/** A caller, a service in the middle, and one at the end that the first one's handler calls. */
export async function chain(
  middle: Middle,
  { end = silent, wire }: { end?: RequestListener; wire?: 1 | 2 } = {},
) {
  const network = new FakeNetwork()
  const options: SleuthOptions = { timeout: Infinity, ...(wire === undefined ? {} : { wire }) }
  const last = await join(network, { ...options, service: 'end', handler: end })
  const between = await join(network, {
    ...options,
    service: 'middle',
    handler: (req, res) => middle(scoped(between.sleuth, req, res), req, res),
  })
  const caller = await join(network, options)
  return { network, last, between, caller, sleuth: caller.sleuth }
}

export const silent: RequestListener = () => {}

/** A promise, and what settles it. */
export function deferred<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settled) => {
    resolve = settled
  })
  return { promise, resolve }
}

/** What a call that fails, failed with. */
export const failure = (call: Promise<unknown>) => call.then(() => assert.fail('it was answered'), identity)
const identity = (error: { code: string; message: string; mayHaveRun: boolean }) => error

/** Time that stands still until the test moves it, on both clocks. */
export function clock() {
  mockTime()
  return { pass: tick, stall }
}
